import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import './graphiql.css';
import { Frame } from '../app/Frame.tsx';
import { mount } from '../app/mount.tsx';
import { Workbench } from './Workbench.tsx';

mount(<Frame page="graphiql">{(key) => <Workbench key={key} accessKey={key} />}</Frame>);
