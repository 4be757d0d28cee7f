/* Comfort on top of pages that work without it: drafts that save themselves, blur, keys, renewed parts.
   Rule: typed text lives in the page and goes to the server, nowhere else (no storage); nothing evaluated.

   Drafts: a form with data-autosave is sent there by POST. Answers: 200 {saved_at, version, steps?}
   409 {compare_url}   422 {errors: {field: sentence}}   401/403 or a redirect: signed out. */
"use strict";
(() => {
const parse = (markup) => new DOMParser().parseFromString(markup, "text/html");
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const one = (selector, root = document) => root.querySelector(selector);
const byId = (id) => document.getElementById(id);
const contentOf = (form, button) => new URLSearchParams(new FormData(form, button));
const post = (url, body, Accept, more) => fetch(url, { method: "POST", body, headers: { "X-Requested-With": "fetch", Accept }, ...more });
const body = document.body;
document.documentElement.dataset.script = "on";

const tell = (slot, words) => { const place = one(slot); if (place) { place.textContent = ""; place.textContent = words; } };
const say = (words) => tell("[data-says]", words);
const warn = (words) => tell("[data-warns]", words);
const isTyping = (node) => node instanceof Element &&
  (node.matches("textarea, select, [contenteditable]") || node.matches("input:not([type=radio], [type=checkbox], [type=button], [type=submit])"));

const showError = (control, sentence) => {
  const place = byId(`f-${control.name}-error`);
  if (!place) return;
  place.textContent = sentence;
  if (sentence) control.setAttribute("aria-invalid", "true"); else control.removeAttribute("aria-invalid");
};
const checkField = (control) => {
  if (!control.name || !control.willValidate || control.type === "radio") return;
  const touched = control.value !== "" || control.hasAttribute("aria-invalid");
  if (touched) showError(control, control.validity.valid ? "" : control.validationMessage);
};
const countFor = (area) => {
  const line = one(`[data-count-for="${CSS.escape(area.id)}"]`);
  if (!line) return;
  const missing = Number(area.dataset.atLeast) - area.value.trim().length;
  line.textContent = missing > 0 ? `${missing} more ${missing === 1 ? "character" : "characters"} needed` : "Long enough";
};

const QUIET = 1200, LONGEST = 6000, SLOWEST = 60000;
const SIGNED_OUT = "Not saved yet: you are signed out. Keep this page open and sign in in another tab; it will be sent.";
const OFFLINE = "Not saved yet. Stepwell keeps trying while this page stays open.";
const drafts = [];

class Draft {
  constructor(form) {
    Object.assign(this, { form, edits: 0, saved: 0, since: 0, failures: 0, timer: 0, busy: false, stopped: false });
    this.findLine();
    form.addEventListener("input", () => this.edited());
    form.addEventListener("change", () => this.edited());
  }
  findLine() { this.line = one(`[data-saved-for="${CSS.escape(this.form.id)}"]`) || one(".saved", this.form); }
  get waiting() { return this.edits > this.saved; }
  report(words, state) {
    if (!this.line) { say(words); return; }
    this.line.dataset.state = state;
    if (this.line.textContent !== words) this.line.textContent = words;
  }
  edited() {
    if (!this.waiting) this.since = Date.now();
    this.edits += 1;
    if (this.stopped || this.failures) return;
    this.later(Math.max(0, Math.min(QUIET, LONGEST - (Date.now() - this.since))));
  }
  later(delay) { clearTimeout(this.timer); this.timer = setTimeout(() => this.save(), delay); }
  async save() {
    clearTimeout(this.timer);
    if (!this.waiting || this.stopped) return;
    if (this.busy) { this.later(QUIET); return; }
    this.busy = true;
    const upTo = this.edits;
    try { await this.read(await this.send(), upTo); } catch { this.failed(OFFLINE); } finally { this.busy = false; }
  }
  send() {
    const content = contentOf(this.form);
    const keepalive = content.toString().length < 60000;
    return post(this.form.dataset.autosave, content, "application/json", { redirect: "manual", cache: "no-store", keepalive });
  }
  async read(response, upTo) {
    if (response.ok) return this.kept(await response.json(), upTo);
    if (response.status === 409) return this.clash(await response.json());
    if (response.status === 422) return this.refused(await response.json(), upTo);
    const signedOut = response.type === "opaqueredirect" || response.status === 401 || response.status === 403;
    if (response.status === 403) await this.freshToken();
    return this.failed(signedOut ? SIGNED_OUT : OFFLINE);
  }
  kept(answer, upTo) {
    this.saved = upTo;
    this.failures = 0;
    const version = this.form.elements.namedItem("version");
    if (version && answer.version !== undefined) version.value = answer.version;
    this.renewSteps(answer.steps);
    this.report(`Saved ${answer.saved_at}`, "saved");
    if (this.waiting) { this.since = Date.now(); this.later(QUIET); }
  }
  /* The same person signed in again in another tab: the forms take the token of that sign-in. */
  async freshToken() {
    const page = parse(await (await fetch(location.href)).text()), token = one("[name=csrf_token]", page);
    const who = (root) => (one(".page-foot p", root) || root).textContent;
    if (token && who(page) === who(document)) all("[name=csrf_token]").forEach((field) => { field.value = token.value; });
  }
  renewSteps(markup) {
    const old = one(".steps-bar"), fresh = markup && one(".steps-bar", parse(markup));
    if (!fresh || !old || markup === this.steps || old.contains(document.activeElement)) return;
    old.replaceWith(fresh);
    this.steps = markup;
    this.findLine();
  }
  /* After what is on its way, sends the rest; true when the form itself may go. */
  async settled() {
    while (this.busy) await new Promise((go) => { setTimeout(go, 50); });
    await this.save();
    return !this.failures;
  }
  clash(answer) {
    this.stopped = true;
    this.report("Not saved: this was changed elsewhere since you opened it. ", "waiting");
    const way = Object.assign(document.createElement("button"), { type: "submit", className: "button button-plain", textContent: "Compare both texts" });
    way.formNoValidate = true;
    way.formAction = answer.compare_url || this.form.action;
    if (this.form.id) way.setAttribute("form", this.form.id);
    (this.line || this.form).append(way);
    warn("This was changed elsewhere. Both texts are kept.");
  }
  refused(answer, upTo) {
    this.failures = 0;
    for (const [name, sentence] of Object.entries(answer.errors || {})) {
      const control = this.form.elements.namedItem(name);
      if (control instanceof Element) showError(control, sentence);
    }
    this.report("Not saved yet: a field needs another look.", "waiting");
    if (this.edits > upTo) this.later(QUIET);
  }
  failed(words) {
    this.failures += 1;
    this.report(words, "waiting");
    this.later(Math.min(SLOWEST, 1000 * 2 ** this.failures));
  }
}

const saveAll = () => Promise.allSettled(drafts.map((draft) => draft.save()));
const anyWaiting = () => drafts.some((draft) => draft.waiting);

let beforeVeil = null;
const veil = (on = !("veil" in body.dataset)) => {
  if (body.dataset.veil === "locked" || !one("[data-veil-switch]")) return;
  if (on) body.dataset.veil = "on"; else delete body.dataset.veil;
  one("[data-veil-switch][aria-pressed]").setAttribute("aria-pressed", String(on));
  if (on) beforeVeil = document.activeElement;
  all("main, .rail, .banner, .steps-bar").forEach((part) => { part.inert = on; });
  const focus = on ? one(".veil-note button") : beforeVeil;
  if (focus) focus.focus();
  say(on ? "The page is blurred." : "The page is shown.");
};
/* Locks once nothing typed is left unsent; until then the page stays blurred and keeps trying. */
const lock = async () => {
  if (!("veil" in body.dataset)) veil(true);
  await saveAll();
  if (!anyWaiting()) { one("#lock").submit(); return true; }
  body.dataset.veil = "locked";
  tell(".veil-note p", "The last words are not saved yet. Keep this page open: it locks as soon as they are.");
  return false;
};
const startIdleClock = (seconds) => {
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("stepwell") : null;
  let last = Date.now(), told = 0;
  const active = () => {
    last = Date.now();
    if (channel && last - told > 5000) { told = last; channel.postMessage("active"); }
  };
  if (channel) channel.onmessage = () => { last = Date.now(); };
  ["keydown", "pointerdown", "pointermove", "wheel", "touchstart"].forEach((kind) => addEventListener(kind, active, { passive: true }));
  const look = async () => {
    if (body.dataset.veil !== "locked" && Date.now() - last < seconds * 1000) return;
    if (await lock()) clearInterval(clock);
  };
  const clock = setInterval(look, 2000);
};

let lastEscape = 0, before = null;
const keysPanel = one("#keys");
const toggleKeys = (open = keysPanel.hidden) => {
  keysPanel.hidden = !open;
  if (open) { before = document.activeElement; keysPanel.focus(); } else if (before) before.focus();
};
const step = (list, node, by) => { const at = list.findIndex((entry) => entry.contains(node)); return list[at + by]; };
const rowKey = (event, table) => {
  const by = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
  const way = by && one("a, button", step(all("tbody tr", table), event.target, by) || document.createElement("i"));
  if (way) { way.focus(); event.preventDefault(); }
};
const answerKey = (event, group) => {
  const skip = one(".skip-kinds", group);
  if (event.key === "s" && skip) { skip.open = true; one("input", skip).focus(); return; }
  const chosen = all("[data-digit]", group).find((radio, at) => (radio.dataset.digit || at + 1) == event.key);
  if (!chosen) return;
  chosen.click();
  const next = step(all("[data-answers]"), group, 1);
  const target = next && (one("[data-digit]:checked", next) || one("[data-digit]", next));
  if (target) target.focus();
  event.preventDefault();
};
const escapeKey = () => {
  if (keysPanel && !keysPanel.hidden) { toggleKeys(false); return; }
  const twice = Date.now() - lastEscape < 700;
  lastEscape = twice ? 0 : Date.now();
  if (twice) veil();
};
addEventListener("keydown", (event) => {
  if (event.key === "Escape") { escapeKey(); return; }
  const target = event.target;
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(target) || body.dataset.keys === "off" || "veil" in body.dataset) return;
  if (event.key === "?" && keysPanel) { toggleKeys(); return; }
  if (!(target instanceof Element)) return;
  const table = target.closest("table[data-rows]"), group = target.closest("[data-answers]");
  if (table) rowKey(event, table);
  else if (group) answerKey(event, group);
  else if (event.key === "j" && target === body) { const first = one("table[data-rows] tbody a"); if (first) first.focus(); }
});

const renew = async (form, button, id = form.dataset.fragment, back) => {
  const body = contentOf(form, button), sent = body.toString();
  const response = await post(form.action, body, "text/html");
  const fresh = parse(await response.text()).getElementById(id), old = byId(id);
  if (!response.ok || !fresh || !old) throw new Error("no such part");
  if (back && contentOf(form, button).toString() !== sent) return;
  const at = back && document.activeElement.id;
  old.replaceWith(fresh);
  const way = back ? byId(at) : one("button, a, input, select", fresh);
  if (way) way.focus();
  if (!back) say("Done.");
};
/* Questions that hang on each other: asked for after each answer. */
addEventListener("change", (event) => {
  const part = event.target.closest("[data-asks-again]");
  if (part) renew(event.target.form, one("[name=update]", part), part.id, true).catch(() => {});
});

addEventListener("submit", (event) => {
  const form = event.target;
  if (form.id === "lock" && anyWaiting()) { event.preventDefault(); lock(); return; }
  if (form.dataset.sent) { event.preventDefault(); return; }
  const draft = drafts.find((each) => each.form === form);
  if (draft && !draft.stopped && !form.dataset.settled && (draft.busy || draft.waiting)) {
    event.preventDefault();
    draft.settled().then((go) => { if (go) { form.dataset.settled = "yes"; form.requestSubmit(event.submitter); } });
    return;
  }
  delete form.dataset.settled;
  form.dataset.sent = "yes";
  const release = () => { delete form.dataset.sent; if (event.submitter) event.submitter.removeAttribute("aria-disabled"); };
  if (event.submitter) event.submitter.setAttribute("aria-disabled", "true");
  if (form.dataset.fragment) {
    event.preventDefault();
    renew(form, event.submitter).then(release, () => { delete form.dataset.fragment; release(); form.requestSubmit(event.submitter); });
    return;
  }
  setTimeout(release, 5000);
});
addEventListener("pageshow", (event) => {
  if (event.persisted && one("[data-exit]")) location.reload();
  all("form[data-sent]").forEach((form) => { delete form.dataset.sent; });
});

const countAnswered = () => {
  const line = one("[data-progress]");
  if (!line) return;
  const bar = one("progress", line);
  bar.value = all("[data-answers]", line.closest("[data-counted]") || document).filter((group) => !group.closest(".follow-ups") && one(":checked", group)).length;
  one("span", line).textContent = `${bar.value} of ${bar.max}`;
};

all("form[data-autosave]").forEach((form) => drafts.push(new Draft(form)));
addEventListener("input", (event) => { if (event.target.dataset.atLeast) countFor(event.target); });
/* Later than the click that ended the typing: a sentence that appears at once would move its target away. */
addEventListener("change", (event) => { setTimeout(() => checkField(event.target), 300); countAnswered(); });
addEventListener("online", saveAll);
document.addEventListener("visibilitychange", () => { if (document.hidden) saveAll(); });
addEventListener("beforeunload", (event) => {
  const leaving = drafts.some((draft) => draft.waiting && !draft.form.dataset.sent);
  if (leaving) event.preventDefault();
});
addEventListener("click", (event) => {
  const button = event.target instanceof Element && event.target.closest("button, [data-exit]");
  if (!button) return;
  if ("exit" in button.dataset) { event.preventDefault(); drafts.length = 0; location.replace(button.href); }
  if ("veilSwitch" in button.dataset) veil();
  if ("print" in button.dataset) print();
  if ("keysClose" in button.dataset) toggleKeys(false);
  if ("keysOff" in button.dataset) {
    body.dataset.keys = body.dataset.keys === "off" ? "on" : "off";
    button.setAttribute("aria-pressed", String(body.dataset.keys === "off"));
  }
});
all("[data-expires]").forEach((part) => setTimeout(() => { part.hidden = true; }, Number(part.dataset.expires) * 1000));
const errors = one("[data-error-summary]");
if (errors) errors.focus();
countAnswered();
const lockAfter = Number(body.dataset.lockAfter);
if (lockAfter > 0 && one("#lock")) startIdleClock(lockAfter);
})();
