(function () {
  // Who passes the page on passes on the plain link, and not what they pressed or who they are.
  if (location.search) history.replaceState(null, "", location.pathname);
  var main = document.querySelector("main[data-touches]");
  if (!main || !navigator.sendBeacon) return;
  var since = Date.now(), seen = 0, sent = false, opened = false;
  function tell(what) {
    what.visit = main.dataset.visit;
    navigator.sendBeacon(main.dataset.touches, JSON.stringify(what));
  }
  function open() {
    if (opened || document.visibilityState !== "visible") return;
    opened = true;
    tell({ kind: "open" });
  }
  function pause() { if (since) { seen += Date.now() - since; since = 0; } }
  function send() {
    pause();
    if (sent || seen < 500) return;
    sent = true;
    tell({ kind: "dwell", ms: seen });
  }
  document.addEventListener("visibilitychange", function () {
    if (document.visibilityState === "hidden") send(); else { since = Date.now(); sent = false; seen = 0; open(); }
  });
  addEventListener("pagehide", send);
  open();
})();
