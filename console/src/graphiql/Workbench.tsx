import { HISTORY_PLUGIN } from '@graphiql/plugin-history';
import { GraphiQL } from 'graphiql';
import { useEffect, useState } from 'react';
import { createApi } from '../api/client.ts';
import { createSocket } from '../api/socket.ts';
import { EXAMPLES, withValues, type SampleValues } from './examples.ts';
import { examplesPlugin } from './examples-plugin.tsx';
import { createFetcher } from './fetcher.ts';
import { readSampleValues } from './sample-values.ts';

/** The tabs of a first visit: a read, a write and a live one. All others are one click away, in the examples list. */
const FIRST_TABS = ['ScreenPop', 'AvailableToPromise', 'Reserve', 'WatchAtp'];

function firstTabs(values: SampleValues) {
  const named = FIRST_TABS.map((name) => EXAMPLES.find((example) => example.name === name));
  return named
    .filter((example) => example !== undefined)
    .map(({ query, variables }) => ({ query, variables: withValues(variables, values) }));
}

/**
 * GraphiQL shows the query of the first of the `defaultTabs` but not its variables, so these are given once more; only on a
 * first visit, because later they would replace what the reader typed.
 */
const isFirstVisit = () => localStorage.getItem('graphiql:tabState') === null;

async function open(key: string, socket: ReturnType<typeof createSocket>) {
  const values = await readSampleValues(createApi(key));
  const plugins = [HISTORY_PLUGIN, examplesPlugin(values)];
  const tabs = firstTabs(values);
  const variables = isFirstVisit() ? tabs[0]?.variables : undefined;
  return { fetcher: createFetcher(key, socket), tabs, variables, plugins };
}

type Opened = Awaited<ReturnType<typeof open>>;

/** GraphiQL on this hub, with its key, its socket and the public operations as examples. */
export function Workbench({ accessKey }: { accessKey: string }) {
  const [opened, setOpened] = useState<Opened>();
  useEffect(() => {
    let left = false;
    const socket = createSocket(accessKey);
    const start = async () => {
      const next = await open(accessKey, socket);
      if (!left) setOpened(next);
    };
    void start();
    return () => {
      left = true;
      void socket.dispose();
    };
  }, [accessKey]);
  if (opened === undefined) return null;
  return (
    <GraphiQL
      fetcher={opened.fetcher}
      defaultTabs={opened.tabs}
      initialVariables={opened.variables}
      plugins={opened.plugins}
      defaultEditorToolsVisibility="variables"
      // The key is the page's business: typed into a headers editor it would end up in storage and in screenshots.
      isHeadersEditorEnabled={false}
      showPersistHeadersSettings={false}
    >
      <GraphiQL.Logo> </GraphiQL.Logo>
    </GraphiQL>
  );
}
