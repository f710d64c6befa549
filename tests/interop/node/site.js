// A website of a dienstverlener on node-saml: /login, /acs and /metadata, with the options in the file that is named on
// the command line. It prints its port, and answers each arrival at the ACS with what the library made of it.
"use strict";

const fs = require("node:fs");
const http = require("node:http");
const { SAML } = require("@node-saml/node-saml");

const options = JSON.parse(fs.readFileSync(process.argv[2], "utf-8"));
let saml;

async function body(request) {
  let text = "";
  for await (const chunk of request) text += chunk;
  return Object.fromEntries(new URLSearchParams(text));
}

async function login(response, relayState) {
  if (options.authnRequestBinding === "HTTP-POST") {
    response.setHeader("Content-Type", "text/html; charset=utf-8");
    response.end(await saml.getAuthorizeFormAsync(relayState));
  } else {
    response.writeHead(302, { Location: await saml.getAuthorizeUrlAsync(relayState, undefined, {}) });
    response.end();
  }
}

async function arrive(request, response) {
  const posted = await body(request);
  response.setHeader("Content-Type", "application/json");
  try {
    const { profile } = await saml.validatePostResponseAsync(posted);
    response.end(JSON.stringify({ profile, relayState: posted.RelayState }));
  } catch (error) {
    response.statusCode = 403;
    response.end(JSON.stringify({ error: error.message, xml: error.xmlStatus }));
  }
}

const server = http.createServer(async (request, response) => {
  const url = new URL(request.url, "http://localhost");
  if (url.pathname === "/login") {
    await login(response, url.searchParams.get("next") || "");
  } else if (url.pathname === "/acs") {
    await arrive(request, response);
  } else if (url.pathname === "/metadata") {
    response.end(saml.generateServiceProviderMetadata(options.decryptionCert || null, options.publicCert));
  } else {
    response.writeHead(404).end();
  }
});

server.listen(0, "127.0.0.1", () => {
  const { port } = server.address();
  saml = new SAML({ ...options, callbackUrl: `http://127.0.0.1:${port}/acs` });
  console.log(port);
});
