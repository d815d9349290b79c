import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('../../scripts/fuzz-native.mjs', import.meta.url));
/** Bounded, so that every run has it; `npm run fuzz:native -- --seconds 3600` looks longer. */
const SECONDS = 15;

describe('SEC-4: the native media plane under sanitizers', () => {
  it('reads changed STUN, DTLS, RTP, RTCP and SRTP for a while, and never beyond its bounds', () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [SCRIPT, '--seconds', String(SECONDS)],
      { encoding: 'utf8', timeout: 120_000 },
    );

    const inputs = Number(/(\d+) inputs/.exec(stdout)?.[1] ?? 0);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(inputs).toBeGreaterThan(1_000);
  }, 150_000);
});
