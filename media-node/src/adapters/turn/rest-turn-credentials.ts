import { createHmac } from 'node:crypto';
import type { TurnCredentials } from '../../ports/turn-credentials.ts';

/** "A REST API for access to TURN services": what coturn calls `use-auth-secret`. */
export const restTurnCredentials: TurnCredentials = {
  issue(secret, { name, expiresAtS }) {
    const username = `${String(expiresAtS)}:${name}`;
    const hmac = createHmac('sha1', secret.reveal()).update(username);
    return { username, credential: hmac.digest('base64') };
  },
};
