import { tenantId } from '@isthmus/shared/domain/ids';
import { MONTH } from '@isthmus/shared/store/call-records';
import { composeUsage } from '../compose.ts';
import { processEnv } from '../env.ts';

const [tenant = '', month = ''] = process.argv.slice(2);
if (tenant === '' || !MONTH.test(month)) {
  process.stderr.write('usage.ts <tenant> <year>-<month>, as in: usage.ts acme 2026-11\n');
  process.exit(1);
}

const reader = composeUsage(processEnv());
const print = (line: object): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};
print({ tenant, month, ...(await reader.usage(tenantId(tenant), month)) });
for await (const record of reader.records(tenantId(tenant), month)) print(record);
