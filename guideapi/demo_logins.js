// Signs in on /docs as one of the demo chain's people, with a click.
"use strict";

window.addEventListener("load", () => {
  const bar = document.createElement("form");
  bar.id = "demo-logins";
  const person = document.createElement("select");
  person.setAttribute("aria-label", "Demo login · 演示账号");
  for (const [role, staffNo] of DEMO_LOGINS) {
    person.append(new Option(`${role} · ${staffNo}`, staffNo));
  }
  const button = document.createElement("button");
  button.textContent = "Sign in to the demo · 登录演示";
  const said = document.createElement("output");
  bar.append(person, " ", button, " ", said);
  document.body.prepend(bar);
  bar.addEventListener("submit", async (event) => {
    event.preventDefault();
    const [, staffNo, password] = DEMO_LOGINS[person.selectedIndex];
    const answer = await fetch("/v1/auth/token", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ staff_no: staffNo, password }),
    });
    const told = await answer.json();
    if (answer.ok) window.ui.preauthorizeApiKey("bearer", told.access_token);
    said.textContent = answer.ok ? `✓ ${staffNo}` : `${told.title} (${answer.status})`;
  });
});
