/* Aula works without this file; it only makes pages quicker or calmer. */
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const on = (type, listener, target = document) => target.addEventListener(type, listener);

  /* Quick exit. The page is covered in the same frame, because the next site may take seconds;
     replace() leaves no entry to come back to with the back button. */
  const exit = document.querySelector("[data-exit]");
  const leave = () => {
    document.documentElement.classList.add("leaving");
    document.title = " ";
    location.replace(exit.href);
  };
  let shifts = [];
  if (exit) {
    all("[data-exit]").forEach((link) => on("click", (event) => { event.preventDefault(); leave(); }, link));
    // Counted on release and only alone, so that typing capitals never leaves the page.
    on("keydown", (event) => { if (event.key !== "Shift") shifts = []; });
    on("keyup", (event) => {
      if (event.key !== "Shift") return;
      shifts = [...shifts.filter((moment) => event.timeStamp - moment < 3000), event.timeStamp];
      if (shifts.length > 2) leave();
    });
  }
  all("[data-js]").forEach((element) => { element.hidden = false; });

  /* Errors: focus goes to the summary, and from each of its lines into the field. */
  const summary = document.querySelector("[data-summary]");
  if (summary) {
    summary.focus();
    on("click", (event) => {
      const field = event.target.hash && document.getElementById(event.target.hash.slice(1));
      if (field) { event.preventDefault(); field.focus(); }
    }, summary);
  }

  /* One press, one submission. Unlocked when the page comes back from the browser's cache. */
  const lock = (form, locked) => {
    form.toggleAttribute("data-sent", locked);
    all("button[type=submit], button:not([type])", form).forEach((button) => { button.disabled = locked; });
  };
  on("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || "repeat" in form.dataset) return;
    if ("sent" in form.dataset) { event.preventDefault(); return; }
    all("[data-reveal]", form).forEach((input) => { input.type = "password"; });
    form.setAttribute("data-sent", "");
    setTimeout(() => lock(form, true)); // later, so that the pressed button's own value still travels
  });
  on("pageshow", () => all("form[data-sent]").forEach((form) => lock(form, false)), window);

  /* Passwords can be seen before they are sent. */
  all("input[data-reveal]").forEach((input) => {
    const button = document.createElement("button");
    const box = document.createElement("div");
    const say = () => {
      button.textContent = input.type === "password" ? "Mostrar" : "Ocultar";
      button.setAttribute("aria-label", button.textContent + " contraseña");
    };
    button.type = "button";
    button.className = "btn btn-plain";
    box.className = "with-reveal";
    input.replaceWith(box);
    box.append(input, button);
    on("click", () => { input.type = input.type === "password" ? "text" : "password"; say(); }, button);
    say();
  });

  /* Files: name and size in words, whatever the browser's language. */
  all("[data-filebox]").forEach((box) => {
    const input = box.querySelector("input");
    const said = box.querySelector("[data-chosen]");
    const show = () => {
      const [file, ...more] = input.files;
      const size = file && (file.size / 1e6).toLocaleString("es-MX", { maximumFractionDigits: 1, minimumFractionDigits: 1 });
      said.textContent = !file ? "Ningún archivo elegido" : more.length ? `${more.length + 1} archivos` : `${file.name}, ${size} MB`;
    };
    box.classList.add("ready");
    all("[hidden]", box).forEach((element) => { element.hidden = false; });
    ["dragenter", "dragleave", "drop"].forEach((type) => on(type, () => box.classList.toggle("over", type === "dragenter"), input));
    on("change", show, input);
    show();
  });

  /* Answers are saved as they are given. One request at a time and always the whole form, so the last state
     wins; `sequence` grows with every change, for a server that hears two tabs at once. */
  all("form[data-autosave]").forEach((form) => {
    const said = form.querySelector("[data-saved]");
    let sequence = 0, saved = 0, busy = false, wait = 1000, timer;
    const say = (state, text) => { if (said) { said.dataset.state = state; said.textContent = text; } };
    const retry = () => {
      say("wait", navigator.onLine ? "Sin guardar todavía: se intenta de nuevo" : "Sin conexión: se guardará al volver");
      clearTimeout(timer);
      timer = setTimeout(send, wait);
      wait = Math.min(wait * 2, 30000);
    };
    async function send() {
      if (busy || saved === sequence || "sent" in form.dataset) return;
      clearTimeout(timer);
      busy = true;
      const sending = sequence;
      const body = new FormData(form);
      body.set("sequence", sending);
      try {
        const headers = { "X-CSRFToken": body.get("csrf_token") || "", "X-Requested-With": "fetch" };
        const answer = await fetch(form.dataset.autosave, { method: "POST", body, headers, credentials: "same-origin", keepalive: true });
        busy = false;
        if (answer.ok && !answer.redirected) {
          saved = sending;
          wait = 1000;
          if (saved === sequence) say("ok", "Guardado"); else send();
        } else if (answer.status > 499 || answer.status === 429) retry();
        else { saved = sending; say("bad", "No se guardó. Vuelve a cargar la página para seguir."); }
      } catch {
        busy = false;
        retry();
      }
    }
    on("change", () => { sequence = Math.max(Date.now(), sequence + 1); send(); }, form);
    on("online", () => { wait = 1000; send(); }, window);
  });

  /* Long jobs: the server's own fragment every two seconds, until it carries data-done (whose text is read aloud). */
  all("[data-poll]").forEach((host) => {
    const voice = document.createElement("p");
    voice.className = "visually-hidden";
    voice.setAttribute("role", "status");
    host.after(voice);
    const look = async () => {
      let done = host.querySelector("[data-done]");
      if (!done && !document.hidden) {
        try {
          const answer = await fetch(host.dataset.poll, { credentials: "same-origin", headers: { "X-Requested-With": "fetch" } });
          if (answer.ok && !answer.redirected) host.innerHTML = await answer.text();
        } catch { /* offline: the next round tries again */ }
        done = host.querySelector("[data-done]");
        if (done) voice.textContent = done.dataset.done;
      }
      if (!done) setTimeout(look, 2000);
    };
    setTimeout(look, 2000);
  });
})();
