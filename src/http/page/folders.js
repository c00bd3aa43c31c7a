// Finds the files in what was dropped or chosen: files as they are, folders with all files in them that can be read.

/** Extensions of the documents that are taken from folders. Files that are named one by one are all sent. */
const TYPES =
  "txt text log md markdown mdown mkd mkdn mdx qmd rmd pdf docx docm dotx dotm pptx pptm ppsx ppsm potx xlsx xlsm xltx " +
  "xltm xls xlt xlsb odt ott ods ots odp otp rtf html htm xhtml xht epub eml mbox mbx msg oft csv tsv tab json jsonl " +
  "ndjson srt vtt rst rest adoc asciidoc asc org tex ltx latex zip";
const READABLE = new Set(TYPES.split(" "));

/** Folders deeper than this are left out: nobody files documents so, but a loop of links looks like it. */
const MAX_DEPTH = 32;

/** A file with its path below what was dropped. */
function found(file, path) {
  return { file, path };
}

/** Whether a file of this path is read when its folder is. */
function isDocument(path) {
  const parts = path.split("/");
  const extension = /\.([^.]+)$/.exec(parts.at(-1))?.[1].toLowerCase();
  return READABLE.has(extension) && !parts.some((part) => part.startsWith("."));
}

/** The files of a file field, which may be one for folders. */
export function chosen(files) {
  return [...files]
    .map((file) => found(file, file.webkitRelativePath || file.name))
    .filter(({ file, path }) => !file.webkitRelativePath || isDocument(path));
}

/** The files of a drop event, with those in dropped folders. Resolves to a list of `{ file, path }`. */
export async function dropped(transfer) {
  // The items are gone after the event, so all of them are taken before anything is awaited.
  const items = [...transfer.items].filter(({ kind }) => kind === "file");
  const taken = items.map((item) => ({ entry: item.webkitGetAsEntry?.(), file: item.getAsFile() }));
  const files = [];
  for (const { entry, file } of taken) {
    if (entry?.isDirectory) await walk(entry, entry.name, 0, files);
    else if (file) files.push(found(file, file.name));
  }
  return files;
}

async function walk(folder, path, depth, files) {
  if (depth > MAX_DEPTH) return;
  for (const entry of await entries(folder)) {
    const below = `${path}/${entry.name}`;
    if (entry.isDirectory) {
      if (!entry.name.startsWith(".")) await walk(entry, below, depth + 1, files);
    } else if (isDocument(below)) {
      // A file that cannot be opened, such as a link to nothing, is left out.
      const file = await new Promise((done) => entry.file(done, () => done(null)));
      if (file) files.push(found(file, below));
    }
  }
}

/** All entries of a folder, by name. The browser gives them in portions, the last of which is empty. */
async function entries(folder) {
  const reader = folder.createReader();
  const all = [];
  for (;;) {
    const some = await new Promise((done) => reader.readEntries(done, () => done([])));
    if (!some.length) return all.sort((a, b) => a.name.localeCompare(b.name));
    all.push(...some);
  }
}
