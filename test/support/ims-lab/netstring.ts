/** Netstrings (`5:hello,`) as baresip's ctrl_tcp module speaks them, one JSON text in each. */
export const encodeNetstring = (text: string): Buffer =>
  Buffer.from(`${String(Buffer.byteLength(text))}:${text},`);

/** Cuts a byte stream into the texts it carries; keeps what has not come whole. */
export function createNetstringReader(): (chunk: Buffer) => readonly string[] {
  let pending: Buffer = Buffer.alloc(0);
  return (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    const texts: string[] = [];
    for (;;) {
      const colon = pending.indexOf(':');
      const length = Number(pending.subarray(0, Math.max(colon, 0)).toString() || 'NaN');
      const end = colon + 1 + length;
      if (colon < 0 || Number.isNaN(length) || pending.length <= end) return texts;
      texts.push(pending.subarray(colon + 1, end).toString());
      pending = pending.subarray(end + 1);
    }
  };
}
