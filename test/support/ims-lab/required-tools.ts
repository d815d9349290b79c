import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

const PACKAGES = {
  kamailio: ['kamailio', 'kamailio-ims-modules', 'kamailio-presence-modules'],
  baresip: ['baresip-core'],
  linphonec: ['linphone-cli'],
  sipp: ['sip-tester'],
  setpriv: ['util-linux'],
  janus: ['janus'],
  rtpengine: ['rtpengine-daemon'],
  turnserver: ['coturn'],
} as const;

export type LabTool = keyof typeof PACKAGES;

const isInstalled = (tool: string): boolean =>
  [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin'].some((folder) => {
    try {
      accessSync(join(folder, tool), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

/** Throws one error that names every missing tool and the command that installs them all. */
export function requireTools(tools: readonly LabTool[]): void {
  const missing = tools.filter((tool) => !isInstalled(tool));
  if (missing.length === 0) return;
  const packages = missing.flatMap((tool) => PACKAGES[tool]).join(' ');
  throw new Error(
    `Missing: ${missing.join(', ')}. Install with: apt-get install --no-install-recommends ${packages}`,
  );
}
