import { JanusClient, type JanusUser } from '../clients/janus-client.ts';
import { inTurn, range } from '../in-turn.ts';
import { startJanus } from '../peers/janus.ts';
import type { Registrar } from '../peers/registrar.ts';
import { personOf } from '../people.ts';
import type { RegisteringPeer } from './registering-peer.ts';

export const JANUS = 'Janus';
const EXPIRES_S = 3_600;

/** Its users are attached before anything is measured. */
export async function startJanusPeer(
  registrar: Registrar,
  users: number,
): Promise<RegisteringPeer> {
  const janus = await startJanus();
  const client = await JanusClient.open(janus.url);
  const attached: JanusUser[] = [];
  for (const _ of range(users)) attached.push(await client.attach());
  const register = async (index: number, more: object): Promise<void> => {
    await attached[index]?.register({ ...registerRequest(index, registrar), ...more });
  };
  const all = async (work: { users: number; atATime: number }, more: object): Promise<number> => {
    await inTurn(range(work.users), work.atATime, (index) => register(index, more));
    return work.users;
  };
  return {
    subject: JANUS,
    pid: janus.pid,
    register: (work) => all(work, {}),
    refresh: (work) => all(work, { refresh: true }),
    async close() {
      client.close();
      await janus.stop();
    },
  };
}

/** A user name with a domain would make it write a Contact of two @, which no core takes. */
export function registerRequest(index: number, { domain, host, port }: Registrar) {
  const { impu, name, password } = personOf(index, domain);
  return {
    ...{ username: impu, authuser: name, secret: password, register_ttl: EXPIRES_S },
    proxy: `sip:${domain}`,
    outbound_proxy: `sip:${host}:${String(port)}`,
  };
}
