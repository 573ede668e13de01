/** Plain text for other places. */

/** A part of a file name. @param {string} text */
export const fileSafe = (text) =>
  text
    .normalize("NFKD")
    .replace(/[^\w.-]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .toLowerCase();
