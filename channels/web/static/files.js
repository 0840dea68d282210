// Which files may be handed in, and making a picture that is too large, or of a kind we do not take, fit.

export const LARGEST = 10 * 1024 * 1024;
export const MOST_AT_ONCE = 10;
// Without HEIC: an iPhone then hands out JPEG by itself.
export const ACCEPTED = "image/jpeg,image/png,image/webp,application/pdf,.jpg,.jpeg,.png,.webp,.pdf";
const KINDS = { jpg: "image/jpeg", jpeg: "image/jpeg", png: "image/png", webp: "image/webp", pdf: "application/pdf" };
const LONGEST_SIDE = 4000;

/** The type by name when the system knows none. */
export function typeOf(file) {
  return file.type || KINDS[file.name.split(".").at(-1).toLowerCase()] || "";
}

export const isPicture = (type) => type.startsWith("image/");

/** The file as it can be sent: `{file}`, or `{reason}` with a text's key: unsupported, empty, too_big. */
export async function fit(file) {
  const type = typeOf(file);
  if (!file.size) return { reason: "file_empty" };
  const isTaken = Object.values(KINDS).includes(type);
  if (isTaken && file.size <= LARGEST) return { file };
  if (!isPicture(type)) return { reason: isTaken ? "file_too_big" : "file_unsupported" };
  const smaller = await redrawn(file).catch(() => null);
  if (!smaller) return { reason: isTaken ? "file_too_big" : "file_unsupported" };
  return smaller.size <= LARGEST ? { file: smaller } : { reason: "file_too_big" };
}

// What the browser can show, it can write as JPEG; what it cannot show is refused.
async function redrawn(file) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
  const canvas = Object.assign(document.createElement("canvas"), {
    width: Math.round(picture.width * scale),
    height: Math.round(picture.height * scale),
  });
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.88));
  return blob && new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" });
}

export function sizeText(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1000)} KB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
