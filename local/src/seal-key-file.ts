import { randomBytes } from 'node:crypto';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const KEY_BYTES = 32;

/** The key that seals secrets on this machine; made once, readable by its owner alone. */
export async function sealKeyFile(dataDir: string): Promise<string> {
  const path = join(dataDir, 'seal.key');
  await mkdir(dataDir, { recursive: true });
  try {
    await access(path);
  } catch {
    await writeFile(path, randomBytes(KEY_BYTES).toString('base64'), { mode: 0o600 });
  }
  return path;
}
