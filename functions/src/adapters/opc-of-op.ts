import { createCipheriv } from 'node:crypto';

/** A subscriber's OPc of the operator's OP, all in hex (3GPP TS 35.206 §4.1). */
export function opcOfOp(k: string, op: string): string {
  const cipher = createCipheriv('aes-128-ecb', Buffer.from(k, 'hex'), null).setAutoPadding(false);
  const block = Buffer.from(op, 'hex');
  const encrypted = cipher.update(block);
  return Buffer.from(encrypted.map((byte, at) => byte ^ (block[at] ?? 0))).toString('hex');
}
