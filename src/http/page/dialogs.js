// The two questions that the page asks back: whether a document is to go, and for a key.

import { element, fill } from "./view.js";
import { t } from "./languages.js";

/** Asks whether the document called `title` is to be deleted. */
export async function confirmDeletion(title) {
  const said = await ask(
    t("delete.title"),
    [element("p.name", { dir: "auto" }, title), element("p", {}, t("delete.detail"))],
    element("button.danger", { value: "yes" }, t("delete")),
  );
  return said === "yes";
}

/** Asks for the server's key, saying why. Null if none is given. */
export async function askForKey({ detail, hint }) {
  const input = element("input", { type: "password", autocomplete: "off", spellcheck: "false", autofocus: true });
  const said = await ask(
    t("key.title"),
    [
      element("p", {}, detail),
      hint ? element("p.hint", {}, hint) : null,
      element("label", {}, element("span", {}, t("key.label")), input),
      element("p.hint", {}, t("key.kept")),
    ],
    element("button", { value: "yes" }, t("key.use")),
  );
  return (said === "yes" && input.value.trim()) || null;
}

/** Shows a dialog until it is answered; gives the value of the button that did, empty for none. */
function ask(title, body, button) {
  const heading = element("h2", { id: "dialog-title" }, title);
  const form = element("form", { method: "dialog" });
  // Enter presses the first button of a form.
  const cancel = { type: "button", onclick: () => dialog.close(""), autofocus: button.classList.contains("danger") };
  fill(form, heading, ...body, element("menu", {}, button, element("button.plain", cancel, t("cancel"))));
  const dialog = element("dialog", { "aria-labelledby": "dialog-title" }, form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((answer) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      answer(dialog.returnValue);
    });
  });
}
