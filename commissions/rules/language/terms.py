"""What the plan language's own words are called by people, in both languages."""

from kit.words import Term

OF = {
    "net": Term("net sales", "净销售额"),
    "margin": Term("gross margin", "毛利"),
    "tag_price": Term("the tag price", "吊牌价"),
    "commission": Term("the commission", "提成"),
}
PER = {"unit": Term("piece", "件"), "order": Term("receipt", "单")}
STAFF_ROLES = {
    "guide": Term("guides", "导购"),
    "store_manager": Term("store managers", "店长"),
    "regional_manager": Term("regional managers", "督导"),
}
CREDIT_ROLES = {
    "seller": Term("the seller", "业绩归属人"),
    "serving": Term("the serving guide", "服务导购"),
    "sharing": Term("the guide who shared the link", "分享导购"),
    "bound": Term("the customer's own guide", "专属导购"),
    "recruiting": Term("the recruiting guide", "拉新导购"),
    "home_store": Term("the customer's home store", "会员归属店"),
    "ordering_store": Term("the ordering store", "下单店"),
    "fulfilling_store": Term("the fulfilling store", "发货店"),
}
METRICS = {
    "net": Term("net sales", "净销售额"),
    "settled_net": Term("settled sales", "结算销售额"),
    "units": Term("pieces", "件数"),
    "receipts": Term("receipts", "单数"),
    "new_members": Term("new members", "新增会员数"),
    "units_per_receipt": Term("pieces per receipt", "连带率"),
    "members_share": Term("members' share", "会员销售占比"),
    "attainment": Term("attainment", "达成率"),
    "days_worked": Term("days worked", "出勤天数"),
    "task_completion": Term("tasks completed", "任务完成率"),
}
LEVELS = {
    "person": Term("the person", "本人"),
    "store": Term("the store", "门店"),
    "region": Term("the region", "区域"),
}
METHODS = {
    "step": Term("the row that is reached holds for the whole", "达到的档位适用于全部"),
    "marginal": Term("each row holds for its own part", "各档只适用于本档部分"),
    "linear": Term("between two rows it rises evenly", "两档之间按比例递增"),
}
GIVES = {"rate": Term("rate", "费率"), "coefficient": Term("coefficient", "系数"), "amount": Term("amount", "金额")}
EXCLUDED = {
    "stored_value_top_up": Term("topping up stored value", "储值充值"),
    "stored_value_consumption": Term("what stored value pays", "储值消费"),
    "gift_cards": Term("gift cards", "礼品卡"),
    "points": Term("what points pay", "积分抵扣部分"),
    "freight": Term("freight", "运费"),
    "tax": Term("tax", "税额"),
    "staff_purchases": Term("staff purchases", "员工内购"),
    "deposits": Term("deposits until they are paid", "未付清的定金"),
}
CUSTOMERS = {
    "new": Term("new customers", "新客"),
    "bound": Term("bound customers", "专属客户"),
    "key_account": Term("key accounts", "大客户"),
}
UNITS = {
    "month": Term("month", "月"),
    "week": Term("week", "周"),
    "quarter": Term("quarter", "季度"),
    "campaign": Term("campaign", "活动"),
}
DAYS = {"ordered": Term("order", "下单"), "completed": Term("completion", "完成")}
COMBINE = {
    "product": Term("their product", "各系数相乘"),
    "weighted": Term("their weighted sum", "各系数加权求和"),
    "minimum": Term("the smallest of them", "取最小的系数"),
}
REVERSE = {
    "as_posted": Term("in proportion to what was posted", "按已计提金额的比例"),
    "recompute": Term("as the whole computed anew says", "按整体重新计算的差额"),
}
ATTAINMENT = {
    "none": Term("do not change it", "不影响"),
    "in_refund_period": Term("count in the period in which they happen", "计入退货所在周期"),
    "in_sale_period_while_open": Term(
        "count in the period of the sale until it is approved", "在审批前计入销售所在周期"
    ),
}
AFTER_PAYMENT = {"carry": Term("carried to the next period", "结转下期"), "write_off": Term("written off", "不再扣回")}
KNOWN = {"name": Term("name", "姓名"), "phone": Term("telephone", "电话")}
WEIGHTS = {
    "equal": Term("equally", "平均"),
    "minutes": Term("by minutes worked", "按工时"),
    "minutes_by_grade": Term("by minutes worked times grade", "按工时 × 职级系数"),
}
