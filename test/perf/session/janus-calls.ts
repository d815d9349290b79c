import { JanusClient, type JanusUser } from '../clients/janus-client.ts';
import { inTurn, range } from '../in-turn.ts';
import { startJanus } from '../peers/janus.ts';
import type { Registrar } from '../peers/registrar.ts';
import { JANUS, registerRequest } from '../registration/janus-peer.ts';
import { AT_A_TIME } from '../registration/plan.ts';
import { runLoad } from './call-load.ts';
import type { CallingPeer } from './calling-peer.ts';
import { BROWSER_OFFER } from './offer.ts';

export interface CallingPeerOptions {
  readonly registrar: Registrar;
  readonly users: number;
  /** Whom all of them call. */
  readonly target: string;
}

export async function startJanusCalls(options: CallingPeerOptions): Promise<CallingPeer> {
  const { registrar, users, target } = options;
  const janus = await startJanus();
  const client = await JanusClient.open(janus.url);
  const attached: JanusUser[] = [];
  for (const _ of range(users)) attached.push(await client.attach());
  await inTurn(range(users), AT_A_TIME, async (index) => {
    await attached[index]?.register(registerRequest(index, registrar));
  });
  const call = async (index: number) => {
    const user = attached[index];
    if (!user) throw new Error(`no user ${String(index)}`);
    const answered = user.next('accepted', 'hangup');
    await user.send({ request: 'call', uri: target }, { type: 'offer', sdp: BROWSER_OFFER });
    const { event, result } = await answered;
    if (event !== 'accepted') throw new Error(`refused: ${String(result['code'])}`);
    return { released: hangUp(user) };
  };
  return {
    subject: JANUS,
    pid: janus.pid,
    call: (load) => runLoad(load, { users }, call),
    async close() {
      client.close();
      await janus.stop();
    },
  };
}

async function hangUp(user: JanusUser): Promise<void> {
  const gone = user.next('hangup');
  await user.send({ request: 'hangup' });
  await gone;
  user.forget();
}
