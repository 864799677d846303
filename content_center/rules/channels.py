"""Which of the customers' channels a forward goes through: what a customer allows or refuses is about these."""

# A copied link and a saved poster are pasted into WeChat, mostly; nobody can know.
CONTACT_CHANNEL = {
    "wecom_chat": "wecom",
    "wecom_moments": "wecom",
    "wecom_group": "wecom",
    "wechat": "wechat",
    "link": "wechat",
    "poster": "wechat",
}
