/* Aula works without this file: it only makes pages calmer. */
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const on = (type, listener, target = document) => target.addEventListener(type, listener);
  const ask = (url, options) => fetch(url, { credentials: "same-origin", headers: { "X-Requested-With": "fetch" }, ...options });
  const fine = (answer) => answer.ok && !answer.redirected; // a redirect is the way to the login page

  /* Quick exit. Covered in the same frame, because the next site may take seconds; replace() leaves nothing to go back to. */
  const exit = document.querySelector("[data-exit]");
  const leave = () => {
    document.documentElement.classList.add("leaving");
    document.title = " ";
    location.replace(exit.href);
  };
  let shifts = [];
  all("[data-exit]").forEach((link) => on("click", (event) => { event.preventDefault(); leave(); }, link));
  // Counted on release and only alone, so that typing capitals never leaves the page.
  on("keydown", (event) => { if (event.key !== "Shift") shifts = []; });
  on("keyup", (event) => {
    if (event.key !== "Shift") return;
    shifts = [...shifts.filter((moment) => event.timeStamp - moment < 3000), event.timeStamp];
    if (shifts.length > 2) leave();
  });
  all("[data-js], [data-filebox] [hidden]").forEach((element) => { element.hidden = false; });

  /* Errors: focus goes to the summary, and from each of its lines into the field. */
  const summary = document.querySelector("[data-summary]");
  if (summary) {
    summary.focus();
    on("click", (event) => {
      if (!event.target.hash) return;
      event.preventDefault();
      document.querySelector(event.target.hash).focus();
    }, summary);
  }

  /* One press, one submission. Unlocked when the page comes back from the browser's cache. */
  const lock = (form, locked) => {
    form.toggleAttribute("data-sent", locked);
    all("[type=submit]", form).forEach((button) => { button.disabled = locked; });
  };
  on("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || "repeat" in form.dataset) return;
    if ("sent" in form.dataset) return event.preventDefault();
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
      button.ariaLabel = button.textContent + " contraseña";
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
      const [file] = input.files;
      said.textContent = file ? `${file.name}, ${(file.size / 1e6).toFixed(1)} MB` : "Ningún archivo elegido";
    };
    box.classList.add("ready");
    on("change", show, input);
    show();
  });

  /* Answers are saved as they are given. One request at a time with the whole form, so the last state wins;
     `sequence` grows with every change, for a server that hears two tabs. */
  all("form[data-autosave]").forEach((form) => {
    const said = form.querySelector("[data-saved]");
    // The server's clock when the page was made plus the time since: a phone whose own clock is wrong does no harm.
    const made = Number(form.dataset.clock) || Date.now(), seen = Date.now();
    let sequence = 0, saved = 0, busy = false, wait = 1000, timer;
    const say = (state, text) => { if (said) { said.dataset.state = state; said.textContent = text; } };
    const retry = () => {
      say("wait", navigator.onLine ? "Sin guardar: se intenta de nuevo" : "Sin conexión: se guardará al volver");
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
        const answer = await ask(form.dataset.autosave, { method: "POST", body, keepalive: true });
        busy = false;
        if (fine(answer)) {
          saved = sending;
          wait = 1000;
          if (saved === sequence) say("ok", "Guardado");
          send();
        } else if (answer.status > 499 || answer.status === 429) retry();
        else say("bad", "No se guardó. Vuelve a cargar la página.");
      } catch {
        busy = false;
        retry();
      }
    }
    on("change", () => { sequence = Math.max(made + Date.now() - seen, sequence + 1); send(); }, form);
    on("online", () => { wait = 1000; send(); }, window);
  });

  /* Long jobs: the server's fragment every two seconds, until it carries data-done (whose text is read aloud). */
  all("[data-poll]").forEach((host) => {
    const voice = document.createElement("p");
    voice.className = "visually-hidden";
    voice.setAttribute("role", "status");
    host.after(voice);
    const look = async () => {
      let done = host.querySelector("[data-done]");
      if (!done && !document.hidden) {
        try {
          const answer = await ask(host.dataset.poll);
          if (fine(answer)) host.innerHTML = await answer.text();
        } catch { /* offline: the next round tries again */ }
        done = host.querySelector("[data-done]");
        if (done) voice.textContent = done.dataset.done;
      }
      if (!done) setTimeout(look, 2000);
    };
    setTimeout(look, 2000);
  });
})();
