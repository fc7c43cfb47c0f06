import { useEffect } from 'react';
import { ApiProvider } from '../api/ApiProvider.tsx';
import { Board } from '../board/Board.tsx';
import { Caller } from '../caller/Caller.tsx';
import { useText } from '../i18n/language.tsx';
import { useChannels } from '../shop/use-channels.ts';
import { Frame } from './Frame.tsx';

function FirstPage() {
  const channels = useChannels();
  return (
    <main className="ow-main">
      <Board channels={channels} />
      <Caller channels={channels} />
    </main>
  );
}

export function App() {
  const t = useText();
  useEffect(() => {
    document.title = t.documentTitle;
  }, [t]);
  return (
    <Frame page="board">
      {(key) => (
        <ApiProvider key={key} accessKey={key}>
          <FirstPage />
        </ApiProvider>
      )}
    </Frame>
  );
}
