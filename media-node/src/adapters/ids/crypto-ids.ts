import { randomBytes, randomUUID } from 'node:crypto';
import type { Ids } from '../../ports/ids.ts';

export const cryptoIds: Ids = {
  random: (bits) => randomBytes(Math.ceil(bits / 8)).toString('base64url'),
  uuid: () => randomUUID(),
};
