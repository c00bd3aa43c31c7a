// The page's dialogs: confirming a deletion, naming a collection, and asking for an API key.

import { element, fill } from "./view.js";
import { t } from "./languages.js";

/** Asks the user to confirm deleting what is called `name`. */
export async function confirmDeletion(question, name) {
  const choice = await ask(
    question,
    [element("p.name", { dir: "auto" }, name), element("p", {}, t("delete.detail"))],
    element("button.danger", { value: "yes" }, t("delete")),
  );
  return choice === "yes";
}

/** Asks for the name of a new collection. Returns null if none is given. */
export async function askForName() {
  const input = element("input", { autocomplete: "off", maxlength: "128", autofocus: true });
  const choice = await ask(
    t("collection.new"),
    [element("label", {}, element("span", {}, t("collection.name")), input), element("p.hint", {}, t("collection.name.hint"))],
    element("button", { value: "yes" }, t("collection.create")),
  );
  return (choice === "yes" && input.value.trim()) || null;
}

/** Asks which of the collections `names` to ask together; those of `before` are ticked. Returns null if none is given. */
export async function askForCollections(names, before) {
  const ticks = names.map((name) => element("input", { type: "checkbox", value: name, checked: before.includes(name) }));
  const choice = await ask(
    t("collection.several.title"),
    ticks.map((tick) => element("label.tick", {}, tick, element("span", { dir: "auto" }, tick.value))),
    element("button", { value: "yes" }, t("collection.several.choose")),
  );
  return choice === "yes" ? ticks.filter(({ checked }) => checked).map(({ value }) => value) : null;
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
