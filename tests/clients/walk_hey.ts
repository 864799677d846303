// The first steps of docs/tutorial.md, by the functions that @hey-api/openapi-ts makes.
import { createClient } from "./hey/client/index.js";
import { contentCenterCreateForward, contentCenterListContent, staffCreateToken } from "./hey/index.js";

declare const process: { argv: string[] };
const [, , baseUrl = "", staff_no = "", password = ""] = process.argv;
const client = createClient({ baseUrl });

const signedIn = await staffCreateToken({ client, body: { staff_no, password } });
if (signedIn.data === undefined) throw new Error(JSON.stringify(signedIn.error));
const headers = { Authorization: `Bearer ${signedIn.data.access_token}` };

const contents = await contentCenterListContent({ client, headers, query: { limit: 5 } });
const content = contents.data?.items.find((item) => item.forwardable);
if (content === undefined) throw new Error("nothing to forward");

const path = { content_id: content.id };
const tap = { id: crypto.randomUUID(), target: { kind: "none" as const } };
const forward = await contentCenterCreateForward({ client, headers, path, body: { ...tap, channel: "wecom_chat" } });
if (forward.data === undefined) throw new Error(JSON.stringify(forward.error));

const again = await contentCenterCreateForward({ client, headers, path, body: { ...tap, channel: "link" } });
const refusal = again.error;
if (refusal?.code === "content_not_forwardable") throw new Error(refusal.reasons.map((one) => one.code).join());
console.log([forward.data.channel, forward.data.target.kind, refusal?.code].join(" "));
