/**
 * Gives the memory of a buffer back at once instead of at the next collection, which large buffers outside the heap hardly hasten: threads
 * that inflate frame after frame would each hold on to some sixty megabytes of them. The buffer is empty afterwards.
 */
export function release(bytes: Uint8Array): void {
  const { buffer } = bytes;
  // Small buffers share a pool, which is everybody's.
  if (buffer instanceof ArrayBuffer && buffer.byteLength > 2 * Buffer.poolSize && !buffer.detached) buffer.transfer(0);
}
