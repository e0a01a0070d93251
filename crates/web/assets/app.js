// The pages work without this script. It saves while one types, shows points at once, moves by keys, and keeps what
// was typed when the network or the session is gone. It decides nothing: the server does.
"use strict";
(() => {
  const english = document.documentElement.lang === "en";
  const say = (vi, en) => (english ? en : vi);
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const clock = () => new Date().toLocaleTimeString(english ? "en-GB" : "vi-VN", { hour: "2-digit", minute: "2-digit" });
  const DRAFTS_MAX = 100; // entries typed and not saved, of everybody at this machine
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

  // A form that came back stands on its page, wherever it was sent: reloading shows the page and sends nothing again. The
  // list of what is wrong is read first.
  if (document.body.dataset.page) history.replaceState(null, "", document.body.dataset.page);
  $("#loi")?.focus();

  // ---------------------------------------------------------------- Entry: points as one types, saving, conflicts
  const form = $("form[data-autosave]");
  if (form) entry(form);

  function entry(form) {
    const status = $("[data-saved]", form);
    const drafts = "thuocdo:draft:";
    const account = document.body.dataset.account || "";
    const key = drafts + account + ":" + form.dataset.autosave;
    const version = form.elements.version;
    // A page that answers a form that was sent would be sent again on reload, over what was saved since.
    history.replaceState(null, "", location.href);
    let timer = 0, running = null, again = false, last = values(), held = false, lost = false, going = false;

    function values() {
      const data = new FormData(form);
      data.delete("version");
      data.delete("files");
      return new URLSearchParams([...data].filter(([, value]) => typeof value === "string")).toString();
    }
    function tell(text, bad) {
      status.textContent = text;
      status.classList.toggle("bad", Boolean(bad));
    }
    // What was typed is kept with whose it is and the version it was typed on, so that it is never saved under another
    // name, nor over what others saved meanwhile. Others' stays for them, up to a bound.
    function keep(body) {
      try {
        if (body === null) { localStorage.removeItem(key); return; }
        localStorage.setItem(key, JSON.stringify({ body, version: version.value, at: Date.now() }));
        const at = (name) => JSON.parse(localStorage.getItem(name)).at;
        const all = Object.keys(localStorage).filter((name) => name.startsWith(drafts)).sort((a, b) => at(b) - at(a));
        all.slice(DRAFTS_MAX).forEach((name) => localStorage.removeItem(name));
      } catch { /* full or off */ }
    }
    function kept() {
      try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
    }
    // The server keeps words trimmed and composed, and a reason only where it is one: that is no difference.
    function same(one, other) {
      const plain = (body) => {
        const data = new URLSearchParams(body);
        if (data.get("answer") === "figures") data.delete("because");
        return [...data].map(([name, value]) => [name, value.trim().replace(/\r\n?/g, "\n").normalize("NFC")].join("=")).join("&");
      };
      return plain(one) === plain(other);
    }
    function fill(text) {
      const saved = new URLSearchParams(text);
      for (const field of form.elements) {
        if (!field.name || field.name === "version" || field.type === "file" || field.type === "hidden") continue;
        if (field.type === "radio") field.checked = saved.get(field.name) === field.value;
        else if (saved.has(field.name)) field.value = saved.get(field.name);
      }
    }
    function show(answer) {
      const points = $("[data-points]");
      if (points && answer.points) points.innerHTML = answer.points;
      const state = $("[data-state]");
      if (state && answer.state) { state.className = "state " + answer.state.class; state.textContent = answer.state.word; }
      for (const [name, read] of Object.entries(answer.reads || {})) {
        const place = document.getElementById("read-" + name);
        if (place) { place.textContent = read.text; place.classList.toggle("bad", read.wrong); }
      }
    }
    async function send(path, body) {
      return fetch(path, {
        method: "POST", body, credentials: "same-origin", redirect: "manual",
        headers: { "Content-Type": "application/x-www-form-urlencoded", Accept: "application/json", "X-Account": account },
      });
    }
    async function preview() {
      try {
        const answer = await send(form.dataset.preview, values());
        if (answer.ok) show(await answer.json());
      } catch { /* saving tells it */ }
    }
    async function save() {
      if (running) { again = true; return running; }
      const body = values();
      if (body === last || held) return null;
      keep(body);
      tell(say("Đang lưu…", "Saving…"));
      running = (async () => {
        try {
          const answer = await send(form.dataset.autosave, body + "&version=" + version.value);
          lost = answer.status === 401 || answer.type === "opaqueredirect" || answer.status >= 500;
          if (answer.ok) {
            const json = await answer.json();
            version.value = json.version;
            $$("[data-version]").forEach((field) => { field.value = json.version; });
            last = body;
            if (values() === body) keep(null);
            tell(say("Đã lưu lúc ", "Saved ") + clock());
            show(json);
          } else if (answer.status === 409) {
            held = true;
            conflict(await answer.json());
          } else if (answer.status === 401 || answer.type === "opaqueredirect") {
            tell(say("Phiên đã hết. Điều bạn gõ được giữ trên máy này; ", "The session is over. What you typed is kept on this machine; "), true);
            const link = document.createElement("a");
            link.href = "/sign-in?to=" + encodeURIComponent(location.pathname);
            link.textContent = say("đăng nhập lại", "sign in again");
            status.append(link);
          } else {
            const json = await answer.json().catch(() => ({}));
            tell(json.detail || say("Chưa lưu được; sẽ thử lại.", "Not saved; trying again."), true);
            if (answer.status >= 500) retry();
          }
        } catch {
          lost = true;
          tell(say("Mất mạng. Điều bạn gõ được giữ trên máy này, sẽ tự lưu khi có mạng.", "Offline. What you typed is kept on this machine and will be saved."), true);
          retry();
        }
        running = null;
        if (again) { again = false; save(); }
      })();
      return running;
    }
    // Waits until the server has what stands in the fields, or it is known why it has not.
    async function settled() {
      lost = false;
      for (let turn = 0; turn < 2 && !same(values(), last) && !held && !lost; turn += 1) await (save() || running);
      await running;
    }
    function retry() { clearTimeout(timer); timer = setTimeout(save, 5000); }
    function conflict(json) {
      const box = $("[data-conflict]");
      const body = $("tbody", box);
      body.replaceChildren();
      const mine = new URLSearchParams(values());
      for (const theirs of json.theirs) {
        const typed = mine.get(theirs.name) ?? "";
        if (typed === theirs.value) continue;
        const shown = (value) => theirs.words?.[value] || value || "–";
        const row = body.insertRow();
        const head = document.createElement("th");
        head.scope = "row";
        head.textContent = theirs.label;
        row.append(head);
        row.insertCell().textContent = shown(typed);
        row.insertCell().textContent = shown(theirs.value);
      }
      $("[data-who]", box).textContent = json.who;
      box.hidden = false;
      box.focus();
      tell(say("Chưa lưu: có người vừa sửa.", "Not saved: somebody changed this."), true);
      $("[data-mine]", box).onclick = () => { version.value = json.version; box.hidden = true; held = false; last = ""; save(); };
      $("[data-theirs]", box).onclick = () => { going = true; keep(null); location.reload(); };
    }
    form.addEventListener("input", (event) => {
      if (event.target.type === "file") return;
      clearTimeout(timer);
      timer = setTimeout(() => { preview(); }, 150);
      clearTimeout(form.saver);
      form.saver = setTimeout(save, 900);
    });
    form.addEventListener("change", (event) => { if (event.target.type !== "file") save(); });
    addEventListener("online", save);
    addEventListener("pagehide", () => { if (!going && !same(values(), last)) keep(values()); });
    const left = kept();
    if (left && !same(left.body, last)) {
      fill(left.body);
      version.value = left.version;
      tell(say("Đã lấy lại điều bạn gõ dở trên máy này.", "What you had typed on this machine is back."));
      preview();
      save();
    } else keep(null);
    document.addEventListener("click", async (event) => {
      const link = event.target.closest("a[href]");
      if (!link || link.target || event.metaKey || event.ctrlKey || values() === last || held) return;
      event.preventDefault();
      await settled();
      location.href = link.href;
    });
    // First the server has it, then the page is left: a network that is gone takes nothing along.
    form.addEventListener("submit", async (event) => {
      if (!going && !held && form.requestSubmit && !same(values(), last)) {
        const by = event.submitter;
        event.preventDefault();
        await settled();
        if (held || lost) return;
        going = true;
        form.requestSubmit(by);
        return;
      }
      going = true;
      keep(null);
    });
  }

  // ---------------------------------------------------------------- Evidence: drop, paste, several at once
  const drop = $("[data-drop]");
  if (drop) {
    const input = $("input[type=file]", drop);
    const list = $("[data-progress]", drop);
    async function upload(files) {
      for (const file of files) {
        const line = document.createElement("p");
        const bar = document.createElement("progress");
        bar.max = 1;
        line.append(file.name + " ", bar);
        list.append(line);
        await new Promise((done) => {
          const request = new XMLHttpRequest();
          request.open("POST", drop.dataset.drop);
          request.setRequestHeader("Accept", "application/json");
          request.setRequestHeader("X-Account", document.body.dataset.account || "");
          request.upload.onprogress = (event) => { if (event.lengthComputable) bar.value = event.loaded / event.total; };
          request.onloadend = () => {
            if (request.status >= 200 && request.status < 300) { bar.value = 1; line.append(" ✓"); }
            else {
              let why = say("chưa tải lên được", "could not be uploaded");
              try { why = JSON.parse(request.responseText).detail || why; } catch { /* no JSON */ }
              line.className = "why";
              line.textContent = file.name + ": " + why;
              list.dataset.failed = "1";
            }
            done();
          };
          const body = new FormData();
          body.append("files", file, file.name);
          request.send(body);
        });
      }
      if (!list.dataset.failed) location.reload();
      else { delete list.dataset.failed; input.value = ""; }
    }
    input.addEventListener("change", () => upload([...input.files]));
    for (const name of ["dragenter", "dragover"]) {
      drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
    }
    drop.addEventListener("dragleave", () => drop.classList.remove("over"));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      drop.classList.remove("over");
      upload([...event.dataTransfer.files]);
    });
    addEventListener("paste", (event) => {
      const files = [...(event.clipboardData?.files || [])];
      if (files.length && !typing(event.target)) { event.preventDefault(); upload(files); }
    });
  }

  // ---------------------------------------------------------------- Verdicts on signatures: asked for until all are there
  const proofs = $("[data-proofs]");
  if (proofs && $("[data-waiting]", proofs)) {
    let left = 120;
    const ask = async () => {
      try {
        const answer = await fetch(proofs.dataset.proofs, { credentials: "same-origin", headers: { Accept: "application/json" } });
        if (!answer.ok) return;
        const json = await answer.json();
        for (const [id, html] of Object.entries(json.files)) {
          const place = $(`[data-proof="${CSS.escape(id)}"]`, proofs);
          if (place) place.outerHTML = html;
        }
        $("[data-requirement]").innerHTML = json.requirement;
        for (const [name, html] of Object.entries(json.proposals)) {
          const place = $(`[data-proposals="${CSS.escape(name)}"]`);
          if (place) place.innerHTML = html;
        }
        if (!json.waiting) return;
      } catch { /* the next time */ }
      left -= 1;
      if (left > 0) setTimeout(ask, left > 110 ? 500 : 2000);
    };
    setTimeout(ask, 400);
  }

  // ---------------------------------------------------------------- Tables of figures: arrows, Enter, paste
  const table = $("table[data-grid]");
  if (table) {
    const cell = (row, column) => $(`[data-row="${row}"][data-column="${column}"]`, table);
    const at = (field) => [Number(field.dataset.row), Number(field.dataset.column)];
    table.addEventListener("keydown", (event) => {
      const field = event.target.closest("[data-row]");
      if (!field || field.tagName === "SELECT") return;
      const [row, column] = at(field);
      const start = field.selectionStart === 0 && field.selectionEnd === 0;
      const end = field.selectionStart === field.value.length;
      const to = { Enter: [row + 1, column], ArrowDown: [row + 1, column], ArrowUp: [row - 1, column],
        ArrowRight: end ? [row, column + 1] : null, ArrowLeft: start ? [row, column - 1] : null }[event.key];
      const next = to && cell(...to);
      if (next) { event.preventDefault(); next.focus(); next.select?.(); }
      else if (event.key === "Enter") event.preventDefault();
    });
    table.addEventListener("paste", (event) => {
      const field = event.target.closest("[data-row]");
      const text = event.clipboardData?.getData("text") ?? "";
      if (!field || !/[\t\n]/.test(text.trim())) return;
      event.preventDefault();
      const [row, column] = at(field);
      text.replace(/\r/g, "").replace(/\n$/, "").split("\n").forEach((line, down) =>
        line.split("\t").forEach((value, right) => {
          const target = cell(row + down, column + right);
          if (target) { target.value = value.trim(); target.dispatchEvent(new Event("change", { bubbles: true })); }
        }));
    });
  }

  // ---------------------------------------------------------------- Keys: j and k, ? for help; off inside fields
  const steps = $$("[data-step]");
  let off = false;
  try { off = localStorage.getItem("thuocdo:keys") === "off"; } catch { /* no storage */ }
  document.addEventListener("keydown", (event) => {
    if (off || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "j" || event.key === "k") {
      const link = $(event.key === "j" ? "a[rel=next]" : "a[rel=prev]");
      if (link) { link.click(); return; }
      const now = steps.indexOf(document.activeElement);
      const next = steps[event.key === "j" ? now + 1 : Math.max(0, now - 1)];
      if (next) { next.focus(); event.preventDefault(); }
    } else if ($(`[data-k="${CSS.escape(event.key.toLowerCase())}"]`)) {
      const button = $(`[data-k="${CSS.escape(event.key.toLowerCase())}"]`);
      event.preventDefault();
      // To adjust and to return need their reason first.
      const reason = $("#reason");
      if (event.key.toLowerCase() !== "a" && reason && !reason.value) reason.focus();
      else button.click();
    } else if (event.key === "/") {
      const search = $("#q");
      if (search) { search.focus(); event.preventDefault(); }
    }
  });
  const toggle = $("[data-keys]");
  if (toggle) {
    toggle.checked = !off;
    toggle.addEventListener("change", () => {
      off = !toggle.checked;
      try { localStorage.setItem("thuocdo:keys", off ? "off" : "on"); } catch { /* no storage */ }
    });
  }
})();
