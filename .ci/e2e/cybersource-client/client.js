"use strict";

// One call of CyberSource's own client library, as a merchant's program makes it. Standard input says
// which, and who calls whom; standard output tells what came of it.
//
// The library wants https and one of CyberSource's hosts, and can be led elsewhere by its own
// configuration: `intermediateHost` is where it connects to, and the one setting whose value may start
// with http://. The host that it signs, and sends as `Host`, is `runEnvironment` all the same. That is
// the API's host name, by which a gateway finds the API, whatever address it listens on.

const { readFileSync } = require("node:fs");
const library = require("cybersource-rest-client");

const given = JSON.parse(readFileSync(0, "utf8"));
const configuration = {
  authenticationType: "http_signature",
  merchantID: given.merchantID,
  merchantKeyId: given.merchantKeyId,
  merchantsecretKey: given.merchantsecretKey,
  runEnvironment: given.host,
  intermediateHost: given.url,
  logConfiguration: { enableLog: false },
};
const client = new library.ApiClient();
const creation = new library.CreateNewWebhooksApi(configuration, client);
const management = new library.ManageWebhooksApi(configuration, client);
const replays = new library.ReplayWebhooksApi(configuration, client);
const request = (model, body) => library[model].constructFromObject(body);

const calls = {
  products: ([organization], done) => creation.findProductsToSubscribe(organization, done),
  key: ([sender, permissions, correlation, body], done) =>
    creation.saveSymEgressKey(
      sender,
      permissions,
      { vCCorrelationId: correlation, saveSymEgressKey: request("SaveSymEgressKey", body) },
      done,
    ),
  create: ([body], done) =>
    creation.createWebhookSubscription(
      { createWebhookRequest: request("CreateWebhookRequest", body) },
      done,
    ),
  list: ([organization, product, eventType], done) =>
    management.getWebhookSubscriptionsByOrg(organization, product, eventType, done),
  show: ([webhook], done) => management.getWebhookSubscriptionById(webhook, done),
  change: ([webhook, body], done) =>
    management.updateWebhookSubscription(
      webhook,
      { updateWebhookRequest: request("UpdateWebhookRequest", body) },
      done,
    ),
  remove: ([webhook], done) => management.deleteWebhookSubscription(webhook, done),
  replay: ([webhook, body], done) =>
    replays.replayPreviousWebhooks(
      webhook,
      { replayWebhooksRequest: request("ReplayWebhooksRequest", body) },
      done,
    ),
  // The library has no method for it, though CyberSource documents it for this version. This is what
  // those of its methods do that post nothing.
  test: ([webhook], done) =>
    client.callApi(
      "/notification-subscriptions/v1/webhooks/{webhookId}",
      "POST",
      { webhookId: webhook },
      {},
      {},
      {},
      "{}",
      [],
      ["application/json;charset=utf-8"],
      ["application/json;charset=utf-8"],
      Object,
      done,
    ),
};

// `read` is what the library makes of the answer, `text` what it was.
calls[given.call](given.arguments, (error, read, response) => {
  const answer = error ? error.response : response;
  if (!answer) throw error;
  console.log(JSON.stringify({ status: answer.status, text: answer.text, read, headers: answer.header }));
});
