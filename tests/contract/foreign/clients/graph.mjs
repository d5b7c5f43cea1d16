// @microsoft/microsoft-graph-client, unmodified, over TLS: lists with paging, delta, $batch, writing.
import { BatchRequestContent, BatchResponseContent, Client, PageIterator } from "@microsoft/microsoft-graph-client";

import { readOrder, runSteps } from "./steps.mjs";

const { url } = readOrder();
const client = Client.init({
  baseUrl: `${url}/`,
  customHosts: new Set(["127.0.0.1"]),
  authProvider: (done) => done(null, "sandbox-cem"),
});
const immutable = { Prefer: 'IdType="ImmutableId", odata.maxpagesize=3' };

async function drain(first) {
  const found = [];
  let page = first;
  for (;;) {
    found.push(...page.value);
    if (page["@odata.deltaLink"]) return { found, link: page["@odata.deltaLink"] };
    page = await client.api(page["@odata.nextLink"]).headers(immutable).get();
  }
}

await runSteps({
  create: async () => {
    for (let at = 0; at < 7; at++) await client.api("/me/contacts").post({ givenName: `n${at}`, surname: "Hall" });
    return (await client.api("/me/contacts").count(true).top(50).get())["@odata.count"];
  },
  list: async () => {
    const names = [];
    const first = await client.api("/me/contacts").select("displayName").orderby("displayName").top(3).get();
    await new PageIterator(client, first, (contact) => names.push(contact.displayName)).iterate();
    return names;
  },
  delta: async () => drain(await client.api("/me/contacts/delta").select("givenName").headers(immutable).get()),
  update: async ({ delta }) => {
    const one = delta.found.find((contact) => contact.givenName === "n3");
    const changed = await client.api(`/me/contacts/${one.id}`).header("If-Match", one["@odata.etag"]).patch({ jobTitle: "Cook" });
    return changed.jobTitle;
  },
  stale: async ({ delta }) => {
    const one = delta.found.find((contact) => contact.givenName === "n3");
    try {
      return await client.api(`/me/contacts/${one.id}`).header("If-Match", one["@odata.etag"]).patch({ jobTitle: "x" });
    } catch (error) {
      return { status: error.statusCode, code: error.code };
    }
  },
  remove: async ({ delta }) => client.api(`/me/contacts/${delta.found.find((c) => c.givenName === "n4").id}`).delete(),
  changes: async ({ delta }) => (await drain(await client.api(delta.link).headers(immutable).get())).found,
  batch: async () => {
    const headers = { "Content-Type": "application/json" };
    const place = `${url}/me/contacts`;
    const post = (body) => new Request(place, { method: "POST", headers, body: JSON.stringify(body) });
    const content = new BatchRequestContent([
      { id: "1", request: post({ givenName: "b1" }) },
      { id: "2", request: post({ shoeSize: 9 }) },
      { id: "3", request: new Request(`${place}?$top=1`, { method: "GET" }) },
    ]);
    const answers = new BatchResponseContent(await client.api("/$batch").post(await content.getContent()));
    return ["1", "2", "3"].map((id) => answers.getResponseById(id).status);
  },
});
