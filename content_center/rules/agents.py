"""Who a browser says it is: a person's browser or app, or a machine."""

import re
from functools import lru_cache

from crawleruseragents import is_crawler

# Addresses and agents that go through here are remembered; a longer one is nobody's browser.
LONGEST = 1000
# Every browser in use names its platform and its engine; libraries, fetchers and mail programs do not.
BROWSER = re.compile(
    r"Mozilla/5\.0 \(.*(?:AppleWebKit/|Gecko/|like Gecko|Presto/)|^Opera/9\.80 \(.*Presto/|^UCWEB/"
    r"|^Mozilla/[45]\.0 \(compatible; MSIE [^)]*Trident/"
)
# What only machines say: that they are compatible, where to read about them, what they are.
TELLS = re.compile(
    r"compatible;(?! MSIE)|https?:|ms-office|(?<!cu)bot\b|spider\b|crawl|scrap(?:er|y|ing)|headless", re.IGNORECASE
)
# What says nothing about machines. The list takes some of it for one: a phone's build, apps in which links are opened.
OF_PEOPLE = re.compile(
    r"\bBuild/[^;)\s]+|\bWhatsApp/[\d.]+|\bViber/[\d.]+|\bMetaIAB Facebook|\bSogou(?:MobileBrowser|MSE|Search)\S*"
    r"|\b(?:Mozilla|AppleWebKit|Mobile Safari|MicroMessenger|NetType|Language)/[\w.()]+"
    r"|(?<=Chrome)/[\d.]+|\(KHTML, like Gecko\)|\bCPU iPhone OS \w+ like Mac OS X|\bWindows NT [\d.]+|\bLinux; "
    r"|\bMobile/\w+"
)


@lru_cache(maxsize=4096)
def is_machine(agent: str) -> bool:
    """Whether this User-Agent is a crawler's, a link preview's, a library's: by its form, its words, or by the list.

    The list is `crawler-user-agents` (github.com/monperrus/crawler-user-agents).
    """
    if len(agent) > LONGEST or not BROWSER.search(agent) or TELLS.search(agent):
        return True
    return bool(is_crawler(OF_PEOPLE.sub("", agent)))
