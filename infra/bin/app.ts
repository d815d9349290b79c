import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { isthmus } from '../lib/isthmus.ts';
import { stageNamed } from '../lib/stage.ts';

const app = new App();
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
isthmus(app, stageNamed(app.node.tryGetContext('stage')));
app.synth();
