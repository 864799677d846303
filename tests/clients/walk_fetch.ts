// The first steps of docs/tutorial.md, by openapi-fetch with the types of openapi-typescript.
import createClient from "openapi-fetch";
import type { paths } from "./schema.js";

declare const process: { argv: string[] };
const [, , baseUrl = "", staffNo = "", password = ""] = process.argv;
const client = createClient<paths>({ baseUrl });

const signedIn = await client.POST("/v1/auth/token", { body: { staff_no: staffNo, password } });
if (signedIn.error) throw new Error(`${signedIn.error.code}: ${signedIn.error.detail}`);
const headers = { Authorization: `Bearer ${signedIn.data.access_token}` };

const contents = await client.GET("/v1/content", { headers, params: { query: { limit: 5 } } });
const content = contents.data?.items.find((item) => item.forwardable);
if (content === undefined) throw new Error("nothing to forward");

const forward = await client.POST("/v1/content/{content_id}/forwards", {
  headers,
  params: { path: { content_id: content.id } },
  body: { id: crypto.randomUUID(), channel: "wecom_chat", target: { kind: "none" }, language: "zh" },
});
if (forward.error) throw new Error(forward.error.code);
const channel: "wecom_chat" | "wecom_moments" | "wecom_group" | "wechat" | "link" | "poster" = forward.data.channel;
if (forward.data.target.kind === "customers") throw new Error(forward.data.target.customer_ids.join());

const again = await client.POST("/v1/content/{content_id}/forwards", {
  headers,
  params: { path: { content_id: content.id } },
  body: { id: forward.data.id, channel: "link", target: { kind: "none" }, language: "zh" },
});
const refusal = again.error;
if (refusal?.code === "content_not_forwardable") throw new Error(refusal.reasons.map((one) => one.code).join());
console.log([channel, forward.data.target.kind, refusal?.code].join(" "));
