import { startImsLab } from '../../support/ims-lab/ims-lab.ts';
import type { Person } from '../../support/many-accounts.ts';
import type { RestartingCore } from './restarting-core.ts';

/**
 * Kamailio as P-, I- and S-CSCF. The HSS stays and says what arrives: a REGISTER without an answer to
 * a challenge of this life makes the S-CSCF ask for one (MAR), one with it is assigned (SAR).
 */
export async function startRealCore(people: readonly Person[]): Promise<RestartingCore> {
  const subscribers = people.map(({ impu, ...who }) => ({ ...who, impus: [impu] }));
  const lab = await startImsLab({ subscribers });
  let sinceMs = Date.now();
  const timesOf = (kind: 'mar' | 'sar'): readonly number[] =>
    lab.hss
      .requests()
      .filter((it) => it.kind === kind && it.atMs >= sinceMs)
      .map(({ atMs }) => atMs);
  return {
    subject: 'Kamailio',
    access: { pcscf: [lab.pcscf], homeDomain: lab.domain },
    crash: () => lab.crash(),
    restart() {
      sinceMs = Date.now();
      return lab.restart();
    },
    arrivals: () => Promise.resolve({ freshMs: timesOf('mar'), answersMs: timesOf('sar') }),
    close: () => lab.stop(),
  };
}
