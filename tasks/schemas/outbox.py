"""What the outbox takes and gives."""

from marshmallow import fields

from clienteling.schemas.follow_ups import FollowUpIn
from content_center.schemas.forwards import ConfirmationOut, ForwardItemIn, ForwardTapOut, NamedCustomersIn
from kit.web import validate
from kit.web.batch import OutcomeOut
from kit.web.io import In, Out
from kit.web.unions import Union, kind_field
from tasks.schemas.tasks import TaskCommandIn, TaskOut

MAX_ITEMS = 100
OUTCOMES = ("created", "unchanged", "rejected", "blocked")


class OutboxItemIn(In):
    """What every item says beside what it is."""

    id = fields.UUID(required=True, metadata={"description": "Chosen by the app; the same again changes nothing."})
    captured_at = fields.AwareDateTime(
        required=True,
        metadata={"description": "When it was tapped. Forwards, follow-ups and task commands keep it."},
    )
    after = fields.List(
        fields.UUID(),
        load_default=list,
        validate=validate.Length(max=MAX_ITEMS),
        metadata={"description": "Items before this one without which it means nothing: it is `blocked` by them."},
    )


class OutboxForwardIn(OutboxItemIn, ForwardItemIn):
    """A tap: see `POST /v1/content/{content_id}/forwards`."""

    kind = kind_field("forward")


class OutboxConfirmationIn(OutboxItemIn, NamedCustomersIn):
    """That the app shared it: see `POST /v1/forwards/{forward_id}/confirmations`."""

    kind = kind_field("confirmation")
    forward_id = fields.UUID(required=True)


class OutboxReleaseIn(OutboxItemIn, NamedCustomersIn):
    """That it was not sent after all: see `POST /v1/forwards/{forward_id}/releases`."""

    kind = kind_field("release")
    forward_id = fields.UUID(required=True)


class OutboxFollowUpIn(OutboxItemIn, FollowUpIn):
    """See `POST /v1/follow-ups`."""

    kind = kind_field("follow_up")
    at = fields.AwareDateTime(
        load_default=None, metadata={"description": "When it was done; `captured_at` by default."}
    )


class OutboxTaskCommandIn(OutboxItemIn, TaskCommandIn):
    """See `POST /v1/tasks/{task_id}/commands`."""

    kind = kind_field("task_command")
    task_id = fields.UUID(required=True)


class OutboxIn(In):
    """What was tapped without a network, in the order in which it was."""

    items = fields.List(
        Union(
            {
                "forward": OutboxForwardIn,
                "confirmation": OutboxConfirmationIn,
                "release": OutboxReleaseIn,
                "follow_up": OutboxFollowUpIn,
                "task_command": OutboxTaskCommandIn,
            }
        ),
        required=True,
        validate=validate.Length(max=MAX_ITEMS),
    )


class OutboxOutcomeOut(OutcomeOut):
    """What became of an item, and what it led to."""

    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    forward = fields.Nested(ForwardTapOut, metadata={"description": "Of a tap: everything that is shared."})
    confirmation = fields.Nested(ConfirmationOut, metadata={"description": "Of a confirmation: who was reached."})
    task = fields.Nested(TaskOut, metadata={"description": "Of a task command: the task after it."})


class OutboxOut(Out):
    """One outcome per item, in the order of the request."""

    items = fields.List(fields.Nested(OutboxOutcomeOut), required=True)
