"""The first steps of docs/tutorial.md, by the client that openapi-python-client makes."""

import sys
from uuid import uuid4

from guideapi_client.api.make_and_review_content_内容制作与审核 import content_center_list_content
from guideapi_client.api.share_content_内容分享 import content_center_create_forward
from guideapi_client.api.sign_in_登录 import staff_create_token
from guideapi_client.client import AuthenticatedClient, Client
from guideapi_client.models.content_item_page_out import ContentItemPageOut
from guideapi_client.models.content_not_forwardable_problem import ContentNotForwardableProblem
from guideapi_client.models.forward_id_taken_problem import ForwardIdTakenProblem
from guideapi_client.models.forward_in import ForwardIn
from guideapi_client.models.forward_in_channel import ForwardInChannel
from guideapi_client.models.forward_tap_out import ForwardTapOut
from guideapi_client.models.no_target_in import NoTargetIn
from guideapi_client.models.no_target_in_kind import NoTargetInKind
from guideapi_client.models.token_in import TokenIn
from guideapi_client.models.token_out import TokenOut


def main(base_url: str, staff_no: str, password: str) -> str:
    """Sign in, look for content, forward it, and forward something else under the same id."""
    anybody = Client(base_url=base_url)
    signed_in = staff_create_token.sync(client=anybody, body=TokenIn(staff_no=staff_no, password=password))
    assert isinstance(signed_in, TokenOut), signed_in
    client = AuthenticatedClient(base_url=base_url, token=signed_in.access_token)
    contents = content_center_list_content.sync(client=client, limit=5)
    assert isinstance(contents, ContentItemPageOut), contents
    content = next(item for item in contents.items if item.forwardable)
    target, tap_id = NoTargetIn(kind=NoTargetInKind.NONE), uuid4()
    tap = ForwardIn(id=tap_id, channel=ForwardInChannel.WECOM_CHAT, target=target)
    forward = content_center_create_forward.sync(content.id, client=client, body=tap)
    assert isinstance(forward, ForwardTapOut), forward
    other = ForwardIn(id=tap_id, channel=ForwardInChannel.LINK, target=target)
    refusal = content_center_create_forward.sync(content.id, client=client, body=other)
    assert not isinstance(refusal, ContentNotForwardableProblem), refusal.reasons
    assert isinstance(refusal, ForwardIdTakenProblem), refusal
    return f"{forward.channel.value} {forward.target.kind.value} {refusal.code.value}"


if __name__ == "__main__":
    sys.stdout.write(main(*sys.argv[1:]) + "\n")
