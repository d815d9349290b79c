import type { TenantId } from '@isthmus/shared/domain/ids';
import {
  type CallRecord,
  type Month,
  sumOfUsage,
  usageOf,
} from '@isthmus/shared/store/call-records';
import type { CallLog } from '../../functions/src/ports/call-log.ts';
import type { Clock } from '../../functions/src/ports/clock.ts';
import type { UsageReader } from '../../functions/src/ports/usage-reader.ts';
import type { RegisteringUser, UserQuota } from '../../functions/src/ports/user-quota.ts';

const monthOf = (timeMs: number): Month => new Date(timeMs).toISOString().slice(0, 7);

/** What was written down of calls, and read again. */
export class MemoryCallLog implements CallLog, UsageReader {
  readonly #records = new Map<string, CallRecord>();

  write(record: CallRecord): Promise<void> {
    const id = `${record.tenantId}|${record.attemptId}`;
    if (!this.#records.has(id)) this.#records.set(id, record);
    return Promise.resolve();
  }

  usage(tenant: TenantId, month: Month) {
    return Promise.resolve(sumOfUsage(this.#of(tenant, month).map(usageOf)));
  }

  async *records(tenant: TenantId, month: Month) {
    yield* await Promise.resolve(this.#of(tenant, month));
  }

  #of(tenant: TenantId, month: Month): readonly CallRecord[] {
    return [...this.#records.values()]
      .filter((it) => it.tenantId === tenant && monthOf(it.startedAtMs) === month)
      .sort((a, b) => a.startedAtMs - b.startedAtMs);
  }
}

export class MemoryUserQuota implements UserQuota {
  readonly #clock: Pick<Clock, 'nowMs'>;
  readonly #users = new Map<string, Set<string>>();

  constructor(clock: Pick<Clock, 'nowMs'>) {
    this.#clock = clock;
  }

  admit({ option, tenant, userName }: RegisteringUser, limit: number): Promise<boolean> {
    const month = `${tenant}|${monthOf(this.#clock.nowMs())}`;
    const users = this.#users.get(month) ?? new Set<string>();
    this.#users.set(month, users);
    const user = `${option}|${userName}`;
    const isIn = users.has(user) || users.size < limit;
    if (isIn) users.add(user);
    return Promise.resolve(isIn);
  }
}
