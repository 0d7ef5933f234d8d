"use strict";

/* The conversation in the browser. Everything shown is set as text, never as markup.
 *
 * A record of the history is {id, at, mine, text, action?, hidden?, state} for what the person
 * said (state: waiting, done, failed) or {id, re?, at, bubbles} for a reply. What is waiting is
 * sent again after each connection; the server lets each id take effect once.
 */
(() => {
  const words = JSON.parse(document.body.dataset.words);
  const ZONE = "Asia/Ho_Chi_Minh";
  const KEPT = 200;
  const TYPING_AFTER = 150;
  const LONGEST_PAUSE = 30000;
  const PATIENCE = 5000;
  const CONNECTING = 15000;

  const $ = (id) => document.getElementById(id);
  const log = $("log");
  const text = $("text");
  const state = $("state");
  const typing = $("typing");
  const newest = $("newest");

  // ---- storage: what survives a reload; memory only where the browser forbids it

  const memory = new Map();
  const store = {
    get(key) {
      try { return localStorage.getItem(key) ?? memory.get(key) ?? null; } catch { return memory.get(key) ?? null; }
    },
    set(key, value) {
      memory.set(key, value);
      try { localStorage.setItem(key, value); return true; } catch { return false; }
    },
  };

  function random(bytes) {
    const raw = crypto.getRandomValues(new Uint8Array(bytes));
    return btoa(String.fromCharCode(...raw)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  }

  function ownSecret() {
    const known = store.get("dondoc.secret");
    if (/^[A-Za-z0-9_-]{22}$/.test(known ?? "")) return known;
    const made = random(16);
    store.set("dondoc.secret", made);
    return made;
  }

  function isSound(record) {
    return typeof record?.id === "string" && Number.isFinite(record.at)
      && (record.mine ? typeof record.text === "string" : Array.isArray(record.bubbles));
  }

  function readHistory() {
    try {
      return JSON.parse(store.get("dondoc.history") ?? "[]").filter(isSound);
    } catch {
      return [];
    }
  }

  function writeHistory(records) {
    let kept = records.slice(-KEPT);
    while (!store.set("dondoc.history", JSON.stringify(kept)) && kept.length > 1) {
      kept = kept.slice(Math.ceil(kept.length / 2));
    }
  }

  const secret = ownSecret();
  let history = readHistory();

  // Another tab of this browser writes too: read, change, write at one go.
  function change(alter) {
    history = readHistory();
    const result = alter(history);
    writeHistory(history);
    return result;
  }

  // ---- time: the server's clock, shown as HH:mm in Việt Nam

  let ahead = 0;
  const now = () => Date.now() + ahead;
  const clock = new Intl.DateTimeFormat("vi-VN", { timeZone: ZONE, hour: "2-digit", minute: "2-digit", hour12: false });
  const dates = new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, day: "2-digit", month: "2-digit", year: "numeric" });

  function dayName(at) {
    const day = dates.format(at);
    if (day === dates.format(now())) return words.today;
    return day === dates.format(now() - 86400000) ? words.yesterday : day;
  }

  // ---- drawing

  function element(tag, className, content) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (content !== undefined) made.textContent = content;
    return made;
  }

  function line(spoken) {
    const strong = spoken.style === "strong" ? "strong" : "";
    const item = /^(\d{1,3}[.)]|[-–•+]) (.*)$/s.exec(spoken.text);
    if (!item) return element("p", spoken.text.trim() ? strong : "gap", spoken.text);
    const made = element("p", `item ${strong}`);
    made.append(element("span", "", item[1]), " ", element("span", "", item[2]));
    return made;
  }

  function lines(bubble, spoken) {
    let quote = null;
    for (const one of spoken) {
      if (one.style === "quote") {
        quote ??= bubble.appendChild(element("blockquote"));
        quote.append(line(one));
      } else {
        quote = null;
        bubble.append(line(one));
      }
    }
  }

  function foot(record) {
    const made = element("div", "foot");
    made.setAttribute("aria-live", "off");
    if (record.mine && record.state === "waiting") made.append(element("span", "sending", words.sending));
    if (record.mine && record.state === "failed") made.append(element("span", "", words.not_sent));
    const time = element("time", "", clock.format(record.at));
    time.dateTime = new Date(record.at).toISOString();
    made.append(time);
    return made;
  }

  function choiceRows(choices, quick) {
    const box = element("div", quick ? "rows quick" : "rows");
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", words.choices);
    const inner = quick ? box.appendChild(element("div", "rows-in")) : box;
    for (const choiceRow of choices) {
      const row = inner.appendChild(element("div", "row"));
      for (const choice of choiceRow) {
        const button = row.appendChild(element("button", "choice", choice.shown ?? choice.label));
        button.type = "button";
        button.addEventListener("click", () => {
          if (quick) text.focus({ preventScroll: true });
          speak(choice.label, choice.action);
        });
      }
    }
    return box;
  }

  function fileLink(file) {
    const link = element("a", "file", words.file.replace("{name}", file.name));
    link.href = file.address;
    link.download = file.name;
    return link;
  }

  function drawMine(record, message) {
    const bubble = message.appendChild(element("div", "bubble"));
    bubble.append(element("span", "unseen", `${words.you}: `), element("span", "said", record.text), foot(record));
    drawState(record, message);
  }

  // In place, so that a screen reader does not hear the message a second time.
  function drawState(record, message) {
    message.querySelector(".foot").replaceWith(foot(record));
    message.querySelectorAll(".note, .again").forEach((old) => old.remove());
    message.classList.toggle("failed", record.state === "failed");
    if (record.state !== "failed") return;
    if (record.note) message.append(element("div", "note", record.note));
    const again = message.appendChild(element("button", "again", words.resend));
    again.type = "button";
    again.addEventListener("click", () => {
      text.focus({ preventScroll: true });
      mark(record.id, "waiting");
      flush();
    });
  }

  function drawTheirs(record, message) {
    record.bubbles.forEach((spoken, index) => {
      const last = index === record.bubbles.length - 1;
      const stack = message.appendChild(element("div", "stack"));
      if (spoken.lines.length) {
        const bubble = stack.appendChild(element("div", "bubble"));
        bubble.append(element("span", "unseen", `${words.name}: `));
        lines(bubble, spoken.lines);
        if (last) bubble.append(foot(record));
      }
      spoken.files.forEach((file) => stack.append(fileLink(file)));
      if (!spoken.choices.length) return;
      const quick = isGreeting(record);
      (quick ? message : stack).append(choiceRows(spoken.choices, quick));
    });
  }

  const isGreeting = (record) => history.some((one) => one.hidden && one.id === record.re);
  const drawn = new Map();

  function draw(record) {
    if (record.hidden) return;
    const before = drawn.get(record.id);
    if (before) return drawState(record, before);
    const day = dates.format(record.at);
    if (log.dataset.day !== day) {
      log.dataset.day = day;
      log.append(element("p", "day", dayName(record.at)));
    }
    const message = element("div", record.mine ? "message mine" : "message");
    if (record.mine) drawMine(record, message);
    else drawTheirs(record, message);
    log.append(message);
    drawn.set(record.id, message);
  }

  function drawAll() {
    drawn.forEach((message) => message.remove());
    drawn.clear();
    log.querySelectorAll(".day").forEach((day) => day.remove());
    delete log.dataset.day;
    history.forEach(draw);
    hideUsedQuickReplies();
    refresh();
    toEnd();
  }

  function hideUsedQuickReplies() {
    const used = history.some((record) => record.mine && !record.hidden);
    log.querySelectorAll(".quick").forEach((quick) => { quick.hidden = used; });
  }

  const nearEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  let atEnd = true;
  function toEnd() { log.scrollTop = log.scrollHeight; atEnd = true; }

  // A reply longer than the screen is shown from what it answers on.
  function showReply(record) {
    toEnd();
    const first = drawn.get(record.re) ?? drawn.get(record.id);
    const above = log.getBoundingClientRect().top - first.getBoundingClientRect().top + 8;
    if (above > 0) log.scrollTop -= above;
  }

  let typingTimer = 0;
  function refresh() {
    const waiting = online && history.some((record) => record.mine && record.state === "waiting");
    if (waiting && !typingTimer) {
      typingTimer = setTimeout(() => {
        const follow = nearEnd();
        typing.hidden = false;
        document.body.classList.add("waits");
        if (follow) toEnd();
      }, TYPING_AFTER);
    } else if (!waiting) {
      clearTimeout(typingTimer);
      typingTimer = 0;
      typing.hidden = true;
      document.body.classList.remove("waits");
    }
    look();
  }

  function look() {
    atEnd = nearEnd();
    newest.hidden = atEnd || !typing.hidden;
  }

  // ---- speaking

  function speak(said, action) {
    const record = { id: random(12), at: now(), mine: true, text: said, state: "waiting" };
    if (action) record.action = action;
    change((records) => records.push(record));
    draw(record);
    hideUsedQuickReplies();
    toEnd();
    transmit(record);
    refresh();
  }

  function greet() {
    if (history.length) return;
    change((records) => records.push({ id: random(12), at: now(), mine: true, hidden: true, text: "/start", state: "waiting" }));
  }

  function mark(id, to, note) {
    const record = change((records) => {
      const found = records.find((one) => one.id === id);
      if (found) Object.assign(found, { state: to, note });
      return found;
    });
    if (record) draw(record);
    refresh();
  }

  function transmit(record) {
    if (!online) return;
    socket.send(JSON.stringify(record.action
      ? { type: "press", id: record.id, action: record.action }
      : { type: "say", id: record.id, text: record.text }));
  }

  function flush() {
    history.filter((record) => record.mine && record.state === "waiting").forEach(transmit);
    refresh();
  }

  // ---- hearing

  function hear(frame) {
    if (frame.type === "ready") return ready(frame);
    if (frame.type === "pong") return clearTimeout(doubt);
    if (frame.type === "reply") return reply(frame);
    if (frame.type === "known") return mark(frame.re, "done");
    if (frame.type === "error") return failed(frame);
    return undefined;
  }

  function ready(frame) {
    clearTimeout(doubt);
    ahead = Date.parse(frame.now) - Date.now();
    online = true;
    tries = 0;
    show("online");
    greet();
    flush();
  }

  function reply(frame) {
    const follow = nearEnd();
    const { id, re, bubbles } = frame;
    const record = { id, re, at: Date.parse(frame.at), bubbles };
    const added = change((records) => {
      const asked = re && records.find((one) => one.id === re);
      if (asked) asked.state = "done";
      const known = records.some((one) => !one.mine && (re ? one.re === re : one.id === id));
      if (!known) records.push(record);
      return !known;
    });
    socket.send(JSON.stringify(re ? { type: "ack", re } : { type: "ack", id }));
    const asked = history.find((one) => one.id === re);
    if (asked) draw(asked);
    refresh();
    if (!added) return;
    draw(record);
    hideUsedQuickReplies();
    if (follow) showReply(record);
    refresh();
  }

  function failed(frame) {
    const asked = history.find((one) => one.id === frame.re);
    if (!asked?.hidden) return mark(frame.re, "failed", frame.text);
    change((records) => records.splice(records.findIndex((one) => one.id === frame.re), 1));
    return refresh();
  }

  // ---- connection

  let socket = null;
  let online = false;
  let tries = 0;
  let retry = 0;
  let doubt = 0;

  function show(to) {
    state.textContent = words[to];
    state.classList.toggle("online", to === "online");
    document.body.classList.toggle("apart", to !== "online");
  }

  function connect() {
    clearTimeout(retry);
    const address = new URL("chat", location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const mine = socket = new WebSocket(address);
    mine.addEventListener("open", () => mine.send(JSON.stringify({ type: "hello", secret })));
    mine.addEventListener("message", (event) => { if (mine === socket) hear(JSON.parse(event.data)); });
    mine.addEventListener("close", (event) => {
      if (mine !== socket) return;
      if (event.code === 1008 || event.code === 1009) refused();
      lost();
    });
    doubted(CONNECTING);
  }

  // The server takes no such message: sent again and again it would end every connection.
  function refused() {
    history.filter((record) => record.mine && record.state === "waiting")
      .forEach((record) => mark(record.id, "failed"));
  }

  function doubted(pause) {
    clearTimeout(doubt);
    doubt = setTimeout(() => { const dead = socket; lost(); dead?.close(); }, pause);
  }

  function lost() {
    clearTimeout(doubt);
    online = false;
    socket = null;
    refresh();
    show(tries ? "offline" : "connecting");
    const pause = Math.min(LONGEST_PAUSE, 500 * 2 ** tries++);
    retry = setTimeout(connect, pause * (0.75 + Math.random() / 2));
  }

  // A phone that slept may hold a connection that is dead without knowing it.
  function wake() {
    if (document.visibilityState === "hidden") return;
    if (!socket) return connect();
    if (!online) return;
    socket.send(JSON.stringify({ type: "ping" }));
    doubted(PATIENCE);
  }

  // ---- the person's hands

  function grow() {
    text.style.height = "auto";
    text.style.height = `${text.scrollHeight + text.offsetHeight - text.clientHeight}px`;
  }

  $("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    const said = text.value.trim();
    text.focus();
    if (!said) return;
    text.value = "";
    grow();
    speak(said);
  });
  text.addEventListener("input", grow);
  text.addEventListener("keydown", (event) => {
    const composing = event.isComposing || event.keyCode === 229;
    if (event.key !== "Enter" || event.shiftKey || composing) return;
    event.preventDefault();
    $("composer").requestSubmit();
  });
  log.addEventListener("scroll", look, { passive: true });
  newest.addEventListener("click", () => { toEnd(); text.focus({ preventScroll: true }); });

  $("clear").addEventListener("click", () => $("clearing").showModal());
  $("clear-no").addEventListener("click", () => $("clearing").close());
  $("clear-yes").addEventListener("click", () => {
    $("clearing").close();
    writeHistory([]);
    history = [];
    drawAll();
    text.focus();
    if (online) { greet(); flush(); }
  });

  addEventListener("online", wake);
  addEventListener("pageshow", wake);
  document.addEventListener("visibilitychange", wake);
  addEventListener("storage", (event) => {
    if (event.key !== "dondoc.history") return;
    history = readHistory();
    drawAll();
  });
  new ResizeObserver(() => { if (atEnd) toEnd(); }).observe(log);

  drawAll();
  setTimeout(() => log.setAttribute("aria-live", "polite"));
  if (matchMedia("(hover: hover) and (pointer: fine)").matches) text.focus();
  connect();
})();
