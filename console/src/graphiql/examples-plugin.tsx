import { useGraphiQL, useGraphiQLActions, type GraphiQLPlugin } from '@graphiql/react';
import { parse } from 'graphql';
import { useText } from '../i18n/language.tsx';
import type { Dictionary } from '../i18n/en.ts';
import { EXAMPLES, withValues, type Example, type SampleValues } from './examples.ts';

type Audience = keyof Dictionary['examples']['audiences'];

const Icon = () => (
  <svg
    viewBox="0 0 24 24"
    width="20"
    height="20"
    fill="none"
    stroke="currentColor"
    strokeWidth="1.700"
    aria-hidden="true"
  >
    <path d="M4 6h9M4 12h7M4 18h9M17 8l4 4-4 4" strokeLinecap="round" strokeLinejoin="round" />
  </svg>
);

function useOpenExample(values: SampleValues) {
  const { addTab, setOperationFacts } = useGraphiQLActions();
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  const variableEditor = useGraphiQL((state) => state.variableEditor);
  // The editors come a moment after the list: an example opened before they are there would be an empty tab.
  if (queryEditor === undefined || variableEditor === undefined) return undefined;
  return (example: Example) => {
    addTab();
    queryEditor.setValue(example.query);
    variableEditor.setValue(withValues(example.variables, values));
    // GraphiQL reads the operation from the editor a moment later; until then it would run the name of the tab before.
    setOperationFacts({ documentAST: parse(example.query), operationName: example.name });
  };
}

function Examples({ values }: { values: SampleValues }) {
  const t = useText();
  const open = useOpenExample(values);
  const audiences = Object.entries(t.examples.audiences) as [Audience, string][];
  return (
    <section className="ow-examples" aria-label={t.examples.title}>
      <h2>{t.examples.title}</h2>
      <p>{t.examples.lead}</p>
      {audiences.map(([audience, label]) => (
        <div key={audience}>
          <h3>{label}</h3>
          {EXAMPLES.filter((example) => example.audience === audience).map((example) => (
            <button key={example.name} type="button" disabled={!open} onClick={() => open?.(example)}>
              <b>{example.name}</b>
              <span>{example.purpose}</span>
            </button>
          ))}
        </div>
      ))}
    </section>
  );
}

export const examplesPlugin = (values: SampleValues): GraphiQLPlugin => ({
  title: 'Examples',
  icon: Icon,
  content: () => <Examples values={values} />,
});
