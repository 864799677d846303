"""All tables, one file per domain: columns, constraints and relationships, nothing else.

Facts are appended; what the database itself refuses (edits of the ledger, two live bindings) is in the
constraints here and the triggers of `guards/`.
"""

from models.audit import AuditEntry
from models.calendar import CalendarDay, CalendarYear
from models.catalog import (
    Brand,
    Category,
    ImageLink,
    Product,
    ProductAlias,
    ProductImage,
    ShelfEvent,
    Sku,
    SkuListing,
    Source,
    StoreAvailability,
)
from models.catalog_prices import ProductPrice
from models.catalog_sync import SyncDrift, SyncItem, SyncReject, SyncRun
from models.catalog_tags import ProductTag, TaggedProduct
from models.clienteling import CustomerFigures, FiguresDebt, FiguresState, FollowUp, LifeCycle, Segment
from models.commissions import LedgerAccount, LedgerEntry, LedgerTransaction, OrderPosting, PostingSettled
from models.commissions_periods import PayGroupStore, PayPeriod, ProjectedPay
from models.commissions_plans import CommissionPlan, PlanAcknowledgement, PlanVersion
from models.contact import BindingTransfer, Consent, Contact, CustomerPolicy, QuietHours
from models.content import (
    Asset,
    Content,
    ContentProduct,
    ContentVersion,
    Forward,
    ForwardConfirmation,
    ForwardKey,
    ForwardText,
    Touch,
)
from models.credit_policies import AttributionPolicy, PolicySweep, WithheldDecision
from models.credits import Attribution, AttributionDecision, Credit, CreditClaim
from models.customers import Binding, Customer, CustomerIdentity, CustomerMerge, CustomerReveal, CustomerTag
from models.ground import DeadLetter, IdempotencyKey, ListChange
from models.integrations import WebhookCursor, WebhookDelivery, WebhookFact, WebhookSubscription
from models.orders import Order, OrderLine, OrderMove, OrderSettings, Refund, RefundLine
from models.orders_footfall import Footfall
from models.orders_rejects import OrderReject
from models.performance import ChangesSeen, ClosedDay, GuideDay, OwedDay, RestatedDay
from models.placements import Placement, PlacementCorrection
from models.roster import RosterDay
from models.settlements import Settlement, SettlementStep, Statement, StatementEntry
from models.staff import (
    ApiKey,
    DeviceSession,
    PasswordReset,
    RecoveryCode,
    Region,
    SecondFactorGrant,
    SignInCode,
    Staff,
    Store,
    StoreArea,
    Totp,
    TotpEnrolment,
)
from models.targets import DayWeights, Target, TargetAbsence, TargetChange, TargetDivision, TargetShare
from models.tasks import (
    Assignment,
    AssignmentEvent,
    Submission,
    TaskOccurrence,
    TaskPlan,
    TaskPlanStore,
    TaskPlanVersion,
)

__all__ = [
    "ApiKey",
    "Asset",
    "Assignment",
    "AssignmentEvent",
    "Attribution",
    "AttributionDecision",
    "AttributionPolicy",
    "AuditEntry",
    "Binding",
    "BindingTransfer",
    "Brand",
    "CalendarDay",
    "CalendarYear",
    "Category",
    "ChangesSeen",
    "ClosedDay",
    "CommissionPlan",
    "Consent",
    "Contact",
    "Content",
    "ContentProduct",
    "ContentVersion",
    "Credit",
    "CreditClaim",
    "Customer",
    "CustomerFigures",
    "CustomerIdentity",
    "CustomerMerge",
    "CustomerPolicy",
    "CustomerReveal",
    "CustomerTag",
    "DayWeights",
    "DeadLetter",
    "DeviceSession",
    "FiguresDebt",
    "FiguresState",
    "FollowUp",
    "Footfall",
    "Forward",
    "ForwardConfirmation",
    "ForwardKey",
    "ForwardText",
    "GuideDay",
    "IdempotencyKey",
    "ImageLink",
    "LedgerAccount",
    "LedgerEntry",
    "LedgerTransaction",
    "LifeCycle",
    "ListChange",
    "Order",
    "OrderLine",
    "OrderMove",
    "OrderPosting",
    "OrderReject",
    "OrderSettings",
    "OwedDay",
    "PasswordReset",
    "PayGroupStore",
    "PayPeriod",
    "Placement",
    "PlacementCorrection",
    "PlanAcknowledgement",
    "PlanVersion",
    "PolicySweep",
    "PostingSettled",
    "Product",
    "ProductAlias",
    "ProductImage",
    "ProductPrice",
    "ProductTag",
    "ProjectedPay",
    "QuietHours",
    "RecoveryCode",
    "Refund",
    "RefundLine",
    "Region",
    "RestatedDay",
    "RosterDay",
    "SecondFactorGrant",
    "Segment",
    "Settlement",
    "SettlementStep",
    "ShelfEvent",
    "SignInCode",
    "Sku",
    "SkuListing",
    "Source",
    "Staff",
    "Statement",
    "StatementEntry",
    "Store",
    "StoreArea",
    "StoreAvailability",
    "Submission",
    "SyncDrift",
    "SyncItem",
    "SyncReject",
    "SyncRun",
    "TaggedProduct",
    "Target",
    "TargetAbsence",
    "TargetChange",
    "TargetDivision",
    "TargetShare",
    "TaskOccurrence",
    "TaskPlan",
    "TaskPlanStore",
    "TaskPlanVersion",
    "Totp",
    "TotpEnrolment",
    "Touch",
    "WebhookCursor",
    "WebhookDelivery",
    "WebhookFact",
    "WebhookSubscription",
    "WithheldDecision",
]
