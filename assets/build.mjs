// Builds the stylesheets: the component CSS of NL Design System with its tokens filled in, and our own beside it.
//
//   node build.mjs OUT TEMPLATES...   writes OUT/<name>.css for each of SHEETS
//
// What is filled in here needs no 2,800 variables in the browser: a token becomes its value, and only the variables of
// our own palette (light, dark, and a colour for each role) are left for the browser to decide. Rules for elements,
// classes and states that no template has are left out.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createRequire } from "node:module";
import postcss from "postcss";
import { transform } from "lightningcss";

const require = createRequire(import.meta.url);
const COMPONENTS = "@utrecht/component-library-css/dist/html.css";
const THEME = "@nl-design-system-unstable/voorbeeld-design-tokens/dist/theme.css";

// Each stylesheet: its sources on top of the components, and the folders of templates that it is for.
const SHEETS = {
  "screens.css": { sources: ["palette.css", "screens.css"], templates: ["screens", "makelaar", "network"] },
  "console.css": { sources: ["palette.css", "screens.css", "console.css"], templates: ["screens", "console"] },
};

// States that our pages do not have or that look alarming before anybody did anything; the browser's own radio buttons and
// checkboxes, which follow a system's contrast settings by themselves; and one focus ring for everything, in screens.css.
const NOT_OURS =
  /:lang\(|\[hidden|aria-busy|aria-disabled=true\] *$|:disabled *$|:read-only|placeholder|:(user-)?invalid|numeric|alternate|tel:|:has\(|:only-child|\[(autocomplete|inputmode)|type=(radio|checkbox)|:focus-visible|:active/;
// Variables that components hand on to parts that we do not use.
const HANDED_ON = /^--utrecht-(space-around|icon-|document-|data-|logo-)|^--utrecht-.*-icon-/;

const read = (name) => readFileSync(new URL(name, import.meta.url), "utf8");
const parse = (css, from) => postcss.parse(css, { from });

function tokensOf(...sheets) {
  const found = new Map([["--utrecht-space-around", "1"]]);
  for (const css of sheets) parse(css).walkDecls(/^--/, (decl) => void found.set(decl.prop, decl.value));
  return found;
}

// The end of the parenthesis that opens at `start`.
function closing(text, start) {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    if (text[at] === "(") depth += 1;
    if (text[at] === ")" && (depth -= 1) === 0) return at;
  }
  throw new Error(`no end to: ${text}`);
}

// `value` with every token filled in; undefined when one has no value, which makes the declaration void in a browser.
function filled(value, tokens, declared) {
  let result = "";
  let rest = value;
  for (let at = rest.search(/var\(/); at >= 0; at = rest.search(/var\(/)) {
    const end = closing(rest, at + 3);
    const [, name, , fallback] = /^\s*(--[\w-]+)\s*(,([\s\S]*))?$/.exec(rest.slice(at + 4, end));
    const inner = resolved(name, fallback, tokens, declared);
    if (inner === undefined) return undefined;
    result += rest.slice(0, at) + inner;
    rest = rest.slice(end + 1);
  }
  return result + rest;
}

function resolved(name, fallback, tokens, declared) {
  if (tokens.has(name)) {
    const value = filled(tokens.get(name), tokens, declared);
    if (value !== undefined) return value;
  }
  if (declared.has(name)) {
    const other = fallback === undefined ? undefined : filled(fallback, tokens, declared);
    return other === undefined ? `var(${name})` : `var(${name},${other.trim()})`;
  }
  return fallback === undefined ? undefined : filled(fallback, tokens, declared)?.trim();
}

// Which elements, and which types of input, these templates have.
function usedIn(folders, broker) {
  const pages = folders
    .map((folder) => join(broker, folder, "templates"))
    .flatMap((folder) => listed(folder).map((name) => readFileSync(join(folder, name), "utf8")))
    .join("\n");
  return {
    elements: new Set(["body", ...[...pages.matchAll(/<([a-z][a-z0-9]*)/g)].map((match) => match[1])]),
    types: new Set(["text", ...[...pages.matchAll(/\btype="([a-z]+)"/g)].map((match) => match[1])]),
  };
}

function listed(folder) {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(".html"));
  } catch {
    return []; // a package that has no pages yet
  }
}

function isUsed(selector, used) {
  const bare = selector.replace(/^:where\(\.utrecht-html\) ?|^\.utrecht-html ?/, "");
  const typed = [...bare.matchAll(/\[type=["']?([a-z-]+)/g)].map((match) => match[1]);
  const elements = bare.replace(/\[[^\]]*\]|::?[\w-]+(\([^()]*\))?/g, "").match(/[a-z][a-z0-9-]*/g) ?? [];
  return (
    !NOT_OURS.test(selector) &&
    typed.every((type) => used.types.has(type)) &&
    elements.every((element) => used.elements.has(element))
  );
}

// The components that these templates need, at a weight (:where) that lets our own rules win.
function components(used, tokens) {
  const root = parse(readFileSync(require.resolve(COMPONENTS), "utf8"), COMPONENTS);
  root.walkComments((comment) => void comment.remove());
  root.walkAtRules((at) => {
    if (!(at.name === "media" && /forced-colors|prefers-reduced-motion/.test(at.params))) at.remove();
  });
  root.walkRules((rule) => {
    const kept = rule.selectors.filter((selector) => isUsed(selector, used));
    if (kept.length === 0) rule.remove();
    else rule.selectors = kept.map((selector) => selector.replace(/^\.utrecht-html/, ":where(.utrecht-html)"));
  });
  root.walkDecls(HANDED_ON, (decl) => void decl.remove());
  // The variables that components keep for themselves stay variables, as long as something sets them.
  const declared = new Set();
  root.walkDecls(/^--/, (decl) => void declared.add(decl.prop));
  root.walkDecls((decl) => {
    const value = filled(decl.value, tokens, new Set([...declared, ...own]));
    if (value === undefined) decl.remove();
    else decl.value = value;
  });
  // What is set and never asked is of no use.
  const asked = new Set([...root.toString().matchAll(/var\((--[\w-]+)/g)].map((match) => match[1]));
  root.walkDecls(/^--_?utrecht/, (decl) => void (asked.has(decl.prop) || decl.remove()));
  root.walkRules((rule) => void (rule.nodes.length || rule.remove()));
  return root.toString();
}

const [out, broker] = process.argv.slice(2);
const own = new Set([...read("palette.css").matchAll(/(--[\w-]+):/g)].map((match) => match[1]));
const tokens = tokensOf(readFileSync(require.resolve(THEME), "utf8"), read("tokens.css"));
for (const [name, { sources, templates }] of Object.entries(SHEETS)) {
  const [palette, ...rest] = sources.map((source) => {
    const root = parse(read(source), source);
    root.walkDecls((decl) => {
      const value = filled(decl.value, tokens, new Set([...own, decl.prop]));
      if (value === undefined) throw decl.error(`no such token: ${decl.value}`);
      decl.value = value;
    });
    return root.toString();
  });
  const css = [palette, components(usedIn(templates, broker), tokens), ...rest].join("\n");
  const { code } = transform({ filename: name, code: Buffer.from(css), minify: true });
  writeFileSync(join(out, name), code);
}
