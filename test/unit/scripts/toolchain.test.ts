import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { missingPackages } from '../../../scripts/toolchain.mjs';

const LOCK = {
  'node_modules/ws': { version: '8.0.0' },
  'node_modules/jest': { version: '30.0.0', dev: true },
  'node_modules/fsevents': { version: '2.0.0', optional: true },
  'node_modules/@isthmus/local': { resolved: 'local', link: true },
  local: { version: '0.1.0' },
};

describe('what is still to be installed', () => {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'isthmus-lock-'));
    mkdirSync(join(root, 'node_modules'));
    write('package-lock.json', LOCK);
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });
  const write = (path: string, packages: object) => {
    writeFileSync(join(root, path), JSON.stringify({ packages }));
  };
  const installed = (packages: object) => {
    write('node_modules/.package-lock.json', packages);
  };

  it('is all that running needs on a fresh clone, and nothing for development', () => {
    expect(missingPackages({ withDev: false, root })).toEqual([
      'node_modules/ws',
      'node_modules/@isthmus/local',
    ]);
  });

  it('is nothing after a full installation', () => {
    const { local: _, ...rest } = LOCK;
    installed(rest);

    expect(missingPackages({ withDev: false, root })).toEqual([]);
    expect(missingPackages({ withDev: true, root })).toEqual([]);
  });

  it('is what the lock file moved on from', () => {
    installed({ ...LOCK, 'node_modules/ws': { version: '7.9.9' } });

    expect(missingPackages({ withDev: false, root })).toEqual(['node_modules/ws']);
  });

  it('is the development half when only running was prepared', () => {
    const { 'node_modules/jest': _, ...rest } = LOCK;
    installed(rest);

    expect(missingPackages({ withDev: true, root })).toEqual(['node_modules/jest']);
  });
});
