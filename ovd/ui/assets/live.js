if (window.isSecureContext) navigator.serviceWorker?.register("worker.js").catch(() => {});
// Shows what the server sends about what moves on the page: one connection while the page is
// visible, each message with the parts that changed. Components say how their part is drawn, in any order.
window.ovdLive = (() => {
  const RETRY_MS = 3000;
  const SILENCE_MS = 10000;
  const drawers = {};
  const newest = {};
  let source = null;
  let tab = "";
  let heardAt = Date.now();

  // The element's own children follow `html`; what did not change is left alone, so that focus, a
  // slider that is being dragged and a press of a button outlast it.
  function follow(from, to) {
    // An element that keeps what scripts made of it.
    if (from.dataset?.keep && from.dataset.keep === to.dataset?.keep) return;
    if (from.nodeType !== to.nodeType || from.nodeName !== to.nodeName) {
      from.replaceWith(to);
    } else if (from.nodeType !== Node.ELEMENT_NODE) {
      if (from.data !== to.data) from.data = to.data;
    } else if (!from.isEqualNode(to)) {
      followAttributes(from, to);
      followChildren(from, to);
    }
  }
  function followAttributes(from, to) {
    for (const { name } of [...from.attributes]) if (!to.hasAttribute(name) && !(name === "open" && from.nodeName === "DETAILS")) from.removeAttribute(name);
    for (const { name, value } of [...to.attributes]) {
      if (from.getAttribute(name) === value) continue;
      from.setAttribute(name, value);
      if (name === "value" && "value" in from) from.value = value;
    }
  }
  function followChildren(from, to) {
    const wanted = [...to.childNodes];
    const had = [...from.childNodes];
    wanted.forEach((child, index) => (had[index] ? follow(had[index], child) : from.append(child)));
    had.slice(wanted.length).forEach((child) => child.remove());
  }

  function on(part, draw) {
    (drawers[part] ??= []).push(draw);
    if (part in newest) draw(newest[part]);
  }
  function draw(element, html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    followChildren(element, template.content);
  }
  function morph(part, element, htmlOf = (value) => value, drawn = () => {}) {
    on(part, (value) => {
      draw(element, htmlOf(value));
      drawn(value);
    });
  }

  const prefixed = [];
  function onPrefix(prefix, draw) {
    prefixed.push([prefix, draw]);
    for (const part of Object.keys(newest)) if (part.startsWith(prefix)) draw(part.slice(prefix.length), newest[part]);
  }
  function take(parts) {
    for (const [part, value] of Object.entries(parts)) {
      newest[part] = value;
      for (const draw of drawers[part] || []) draw(value);
      for (const [prefix, draw] of prefixed) if (part.startsWith(prefix)) draw(part.slice(prefix.length), value);
    }
    window.ovdImages?.watch();
  }

  // One web socket carries parts of the page and images of all cameras that are shown: a browser allows six other
  // connections to a server for all its windows together. Where a proxy lets none pass, events and streams do.
  let socket = null;
  let isRefused = false;
  function connect() {
    source?.close();
    socket?.close();
    source = socket = null;
    heard();
    if (!tab || document.hidden) return;
    if (isRefused) listen();
    else open();
  }
  function open() {
    const address = new URL("live?tab=" + encodeURIComponent(tab), window.location.href);
    address.protocol = address.protocol.replace("http", "ws");
    const opened = (socket = new WebSocket(address));
    opened.binaryType = "arraybuffer";
    let wasOpen = false;
    opened.onopen = () => { wasOpen = true; window.ovdImages?.connected((text) => opened.send(text)); };
    opened.onmessage = ({ data }) => {
      if (opened !== socket) return;
      heard();
      if (data instanceof ArrayBuffer) return window.ovdImages?.take(data);
      const told = JSON.parse(data);
      // The server was restarted and knows nothing of this tab.
      if (told.unknown) window.location.reload();
      else take(told.parts);
    };
    opened.onclose = () => {
      if (opened !== socket) return;
      window.ovdImages?.connected(null);
      check();
      retry(wasOpen);
    };
  }
  // The server may be away for a while, or the session have ended: then the page itself leads to the login page.
  function retry(wasOpen) {
    fetch("config").then((answer) => {
      if (answer.status === 401) window.location.reload();
      else if (answer.ok && !wasOpen) isRefused = true;
    }).catch(() => {});
    setTimeout(connect, RETRY_MS);
  }
  function listen() {
    const opened = (source = new EventSource("live?tab=" + encodeURIComponent(tab)));
    opened.addEventListener("parts", (event) => { heard(); take(JSON.parse(event.data)); });
    opened.addEventListener("beat", heard);
    opened.addEventListener("unknown", () => { opened.close(); window.location.reload(); });
    opened.onerror = () => {
      if (opened === source && opened.readyState === EventSource.CLOSED) retry(true);
    };
    window.ovdImages?.stream();
  }

  // An old image must not pass for a live one: the page says when the server has stopped answering.
  function heard() { heardAt = Date.now(); check(); }
  function check() {
    const silent = tab !== "" && !document.hidden && Date.now() - heardAt > SILENCE_MS;
    document.documentElement.classList.toggle("ovd-unreachable", silent);
    document.querySelector(".ovd-offline")?.classList.toggle("shown", silent);
  }
  setInterval(check, 1000);
  // Hidden tabs hold no connection, and cost the server nothing.
  document.addEventListener("visibilitychange", connect);

  // Which panels are shown; and the address names what is looked at, so that a reload comes back to it.
  on("view", (view) => {
    const page = document.documentElement;
    page.lang = view.language;
    for (const name of ["form", "cancel", "chart"]) page.classList.toggle("ovd-has-" + name, view[name]);
    page.classList.toggle("ovd-has-camera", !view.form);
    for (const name of [...page.classList]) if (name.startsWith("ovd-view-")) page.classList.remove(name);
    page.classList.add("ovd-view-" + view.view);
    page.classList.toggle("ovd-view-wall", view.view === "live" && view.wall > 0 && !view.form);
    page.classList.toggle("ovd-viewer", view.viewer);
    const address = new URL(window.location.href);
    address.searchParams.set("lang", view.language);
    address.searchParams.set("camera", view.camera);
    address.searchParams.set("view", view.view);
    if (view.view === "live") address.searchParams.delete("view");
    if (view.wall) address.searchParams.set("wall", view.wall);
    else address.searchParams.delete("wall");
    if (!view.camera) address.searchParams.delete("camera");
    if (address.href !== window.location.href) window.history.replaceState(null, "", address);
  });

  // Marks a click by what it chooses and its number: the server follows the newest, however they arrive.
  let clicks = 0;
  const click = (what) => ({ what, number: ++clicks });

  return { on, onPrefix, morph, draw, click, begin(of) { tab = of; connect(); } };
})();
