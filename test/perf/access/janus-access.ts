import { JanusClient, type JanusUser } from '../clients/janus-client.ts';
import { startJanus } from '../peers/janus.ts';
import { JANUS } from '../registration/janus-peer.ts';
import type { AccessSubject } from './access-subject.ts';

/** Where its RTP would go: to nobody. */
const BARE_ANSWER = [
  ...['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0'],
  ...['m=audio 9 RTP/AVP 8', 'a=rtpmap:8 PCMA/8000', ''],
].join('\r\n');

/** By its NoSIP plugin, which does what the SIP plugin does without SIP. */
export async function startJanusAccess(): Promise<AccessSubject> {
  const janus = await startJanus();
  const client = await JanusClient.open(janus.url);
  const handles = new Map<number, JanusUser>();
  return {
    name: `${JANUS}, NoSIP plugin`,
    pid: janus.pid,
    async answer(call, offer) {
      const handle = await client.attach('nosip');
      handles.set(call, handle);
      const generated = handle.next('generated');
      await handle.send({ request: 'generate' }, { type: 'offer', sdp: offer });
      await generated;
      const processed = handle.next('processed');
      await handle.send({ request: 'process', type: 'answer', sdp: BARE_ANSWER });
      const { sdp } = await processed;
      if (sdp === undefined) throw new Error('Janus gave no answer');
      return sdp;
    },
    async release(call) {
      await handles.get(call)?.detach();
      handles.delete(call);
    },
    async stop() {
      client.close();
      await janus.stop();
    },
  };
}
