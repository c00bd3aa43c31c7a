// The page's two dialogs: confirming a deletion, and asking for an API key.

import { element, fill } from "./view.js";
import { t } from "./languages.js";

/** Asks the user to confirm deleting the document called `title`. */
export async function confirmDeletion(title) {
  const choice = await ask(
    t("delete.title"),
    [element("p.name", { dir: "auto" }, title), element("p", {}, t("delete.detail"))],
    element("button.danger", { value: "yes" }, t("delete")),
  );
  return choice === "yes";
}

/** Asks for an API key and says why. Returns null if none is given. */
export async function askForKey({ detail, hint }) {
  const input = element("input", { type: "password", autocomplete: "off", spellcheck: "false", autofocus: true });
  const choice = await ask(
    t("key.title"),
    [
      element("p", {}, detail),
      hint ? element("p.hint", {}, hint) : null,
      element("label", {}, element("span", {}, t("key.label")), input),
      element("p.hint", {}, t("key.kept")),
    ],
    element("button", { value: "yes" }, t("key.use")),
  );
  return (choice === "yes" && input.value.trim()) || null;
}

/** Shows a dialog. Resolves to the value of the button that closed it, or to an empty string. */
function ask(title, body, button) {
  const heading = element("h2", { id: "dialog-title" }, title);
  const form = element("form", { method: "dialog" });
  // Enter presses the first button of a form, so the confirming button comes first and CSS reverses them.
  const cancel = { type: "button", onclick: () => dialog.close(""), autofocus: button.classList.contains("danger") };
  fill(form, heading, ...body, element("menu", {}, button, element("button.plain", cancel, t("cancel"))));
  const dialog = element("dialog", { "aria-labelledby": "dialog-title" }, form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue);
    });
  });
}
