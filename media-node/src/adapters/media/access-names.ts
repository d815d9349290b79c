import { randomBytes } from 'node:crypto';
import type { AccessNames } from '../../ports/media-plane.ts';

/**
 * 48 and 144 bits: nobody guesses them, and no two calls that share a port meet (RFC 8445 §5.3).
 * Base64 is the alphabet of both (RFC 8839 §5.4).
 */
export const newAccessNames = (): AccessNames => ({
  usernameFragment: randomBytes(6).toString('base64'),
  password: randomBytes(18).toString('base64'),
});

export const isSameName = (a: AccessNames, b: AccessNames | undefined): boolean =>
  a.usernameFragment === b?.usernameFragment && a.password === b.password;
