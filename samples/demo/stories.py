"""What the demo chain's head office wrote for guides to forward."""

from dataclasses import dataclass

CHANNEL_TEXT = {
    "wecom_chat": "{customer_name}您好，我是{store_name}的{guide_name}。",
    "wecom_moments": "",
    "wecom_group": "各位姐妹好～",
}


@dataclass(frozen=True, kw_only=True)
class Story:
    """One content: its kind, what it says, the poster it is drawn with, the products and pictures it shows."""

    kind: str
    category: str
    title: str
    body: str
    text: str
    template: str
    keywords: tuple[str, ...]  # the first on-shelf product whose title holds each
    scene: str = ""  # for an image set: what is drawn on its pictures

    def texts(self) -> dict[str, str]:
        """Text by channel, with placeholders."""
        return {"default": self.text, **{channel: lead + self.text for channel, lead in CHANNEL_TEXT.items() if lead}}


STORIES = (
    Story(
        kind="product_card",
        category="新品",
        title="山茶花修护精华，换季不慌",
        body="秋冬换季，屏障先行。山茶花籽油配合神经酰胺，28 天稳住泛红与干痒，早晚各一泵，敏感肌也安心。",
        text="换季脸干泛红？试试我们新到的山茶花修护精华，现在 {product_price}，店里可以先试用小样～",
        template="product_card",
        keywords=("山茶花修护精华液 30ml",),
    ),
    Story(
        kind="poster",
        category="活动",
        title="双十二护肤礼遇",
        body="满 599 元送旅行装三件套，会员双倍积分。礼盒数量有限，先到先得。",
        text="双十二提前享：臻选礼盒 {product_price}，满 599 送旅行三件套，需要的话我帮您留一份～",
        template="festive",
        keywords=("山茶花修护臻选礼盒", "人参紧颜臻选礼盒"),
    ),
    Story(
        kind="article",
        category="护肤知识",
        title="早 C 晚 A 怎么搭，一次讲清",
        body="早上用维 C 抗氧化，晚上用视黄醇淡纹。新手从低浓度开始，隔天一次，白天务必防晒。",
        text="很多客人问我早 C 晚 A 怎么搭，这篇讲得很清楚。配套的视黄醇抗皱精华现在 {product_price}。",
        template="editorial",
        keywords=("视黄醇抗皱精华液 30ml", "烟酰胺亮肤防晒乳"),
    ),
    Story(
        kind="product_card",
        category="彩妆",
        title="秋冬第一支正红",
        body="丝绒哑光，一抹显色，八小时不沾杯。黄皮友好。",
        text="正红 01 到货啦，显白不挑皮，{product_price}，可以来店里试色～",
        template="editorial",
        keywords=("丝绒唇膏 正红 01", "丝绒唇膏 枫叶红 05"),
    ),
    Story(
        kind="image_set",
        category="香氛",
        title="把花园穿在身上",
        body="晚香玉淡香水：前调佛手柑，中调晚香玉，尾调白麝香。留香约六小时。",
        text="最近被问最多的一瓶：晚香玉淡香水，{product_price}，闻一下就懂。",
        template="product_card",
        keywords=("晚香玉淡香水 30ml",),
        scene="perfume",
    ),
    Story(
        kind="product_card",
        category="防晒",
        title="冬天也要防晒",
        body="紫外线不放假。SPF50+ PA++++，清爽不假白，通勤一支够用。",
        text="冬天的紫外线也会晒老哦，这支防晒不油不假白，{product_price}。",
        template="product_card",
        keywords=("海藻保湿防晒乳",),
    ),
    Story(
        kind="script",
        category="话术",
        title="会员生日问候",
        body="生日当月到店可领小样礼包，并享双倍积分。",
        text="{customer_name}生日快乐！生日月到{store_name}有一份小礼物等您，找{guide_name}就好。",
        template="festive",
        keywords=("玫瑰焕亮面霜",),
    ),
    Story(
        kind="poster",
        category="活动",
        title="周末面膜日，买二送一",
        body="全场面膜买二送一，可混搭。敷完别忘了面霜锁水。",
        text="这个周末面膜买二送一，可以混搭，{product_price} 起～",
        template="festive",
        keywords=("珍珠净白面膜 5片装", "海藻保湿面膜 5片装"),
    ),
    Story(
        kind="article",
        category="护肤知识",
        title="眼霜什么时候开始用",
        body="25 岁起可以开始做眼周保湿。无名指轻点，由内眼角向外，米粒大小就够。",
        text="眼霜别等有纹了再用～灵芝御龄眼霜 {product_price}，质地很润。",
        template="editorial",
        keywords=("灵芝御龄眼霜 15g",),
    ),
    Story(
        kind="product_card",
        category="底妆",
        title="妈生好皮：水光粉底",
        body="玻尿酸养肤粉底，服帖不卡粉，自然光泽可持妆十小时。",
        text="想要伪素颜的姐妹看这支：玻尿酸水光粉底液 {product_price}，我可以帮您选色号。",
        template="product_card",
        keywords=("玻尿酸水光粉底液",),
    ),
    Story(
        kind="image_set",
        category="洗护",
        title="头皮也要抗初老",
        body="清洁、平衡、滋养三步走，洗完蓬松一整天。",
        text="换季掉发多？这支洗发露我自己也在用，{product_price}。",
        template="product_card",
        keywords=("海茴香紧致洗发露",),
        scene="shampoo",
    ),
    Story(
        kind="product_card",
        category="小样",
        title="口袋里的花香护手霜",
        body="橙花护手霜，吸收快不粘手机，30g 随身带。",
        text="办公室必备的小可爱：橙花护手霜 {product_price}，囤两支吧～",
        template="product_card",
        keywords=("橙花护手霜",),
    ),
)
