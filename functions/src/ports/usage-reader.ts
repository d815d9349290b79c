import type { TenantId } from '@isthmus/shared/domain/ids';
import type { CallRecord, Month, Usage } from '@isthmus/shared/store/call-records';

/** What the nodes have written down of a tenant's calls (OPS-3). */
export interface UsageReader {
  usage(tenant: TenantId, month: Month): Promise<Usage>;
  /** In the order the calls began, page after page; a record of this very second may be missing. */
  records(tenant: TenantId, month: Month): AsyncIterable<CallRecord>;
}
