/** Hands a text to the person as a file. */
export function download(fileName: string, text: string | Uint8Array, type = "application/jwk+json"): void {
  const address = URL.createObjectURL(new Blob([text as BlobPart], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = fileName;
  document.body.append(link);
  link.click();
  link.remove();
  // The browser reads the blob after the click; a moment later it is no longer needed.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
