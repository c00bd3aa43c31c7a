// Says where a quote stands in its file.

import { number, t } from "./languages.js";

/** A quote's place in a few words of the page's language; null if there are none for it. Recognised text is marked. */
export function placeWords(place) {
  const words = plainWords(place);
  if (!words || !place.ocr) return words;
  return t("place.ocr", { place: words, percent: number(Math.round(place.ocr.confidence * 100)) });
}

function plainWords(place) {
  if (!place) return null;
  const { page, last_page, page_label, cells, slide, chapter, time, part, item, row, last_row } = place;
  if (page && last_page > page) return t("place.pages", { first: number(page), last: number(last_page) });
  if (page) return t("place.page", { page: page_label ?? number(page) });
  if (cells) return `${cells.sheet}!${cells.ref}`;
  if (slide) return t(slide.notes ? "place.slide.notes" : "place.slide", { slide: number(slide.number) });
  if (chapter) return t("place.chapter", { chapter: number(chapter.number) });
  if (time) return place.label;
  if (part?.quoted) return t("place.quoted");
  if (item?.last_line) return t("place.lines", { first: number(item.line), last: number(item.last_line) });
  if (item?.line) return t("place.line", { line: number(item.line) });
  if (row && last_row > row) return t("place.rows", { first: number(row), last: number(last_row) });
  if (row) return t("place.row", { row: number(row) });
  return null;
}
