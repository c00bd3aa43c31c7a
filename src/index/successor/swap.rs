//! A collection takes over its successor.

use super::super::collection::Collection;
use super::super::model::{Model, choice_setting};
use super::super::passages;
use super::super::store::Store;
use super::folder::DIR;
use super::making::Successor;
use crate::error::Result;

impl Collection {
    /// Takes over the passages, the vectors and the segments of `successor`, if that has exactly the documents of this
    /// collection; otherwise changes nothing and returns `false`. Documents that were deleted here are deleted there first.
    ///
    /// All of it is one transaction. Questions are answered meanwhile from the state before it, and from the new one as soon
    /// as it is committed; writes wait.
    pub fn succeed_by(&self, successor: &Successor) -> Result<bool> {
        // As much as possible before anybody has to wait.
        successor.flush()?;
        let _in_order = self.write_guard();
        let store = &self.writer()?.store;
        let found = successor.differences(&store.snapshot()?)?;
        if !found.lacking.is_empty() {
            return Ok(false);
        }
        found.extra.iter().try_for_each(|id| successor.delete(id))?;
        successor.flush()?;
        // What was begun before would make a checkpoint of the old segments. Nothing is begun while writes wait.
        self.maintenance.finish();
        let plan = successor.plan();
        let (dir, changes) = (self.dir(), (successor.store()?.last_sequence()?, store.last_sequence()? + 1));
        let model = Model { identity: plan.identity(), dimensions: plan.dimensions };
        let number = successor.number()?;
        let mut settings = vec![choice_setting(Some(&plan.choice)), (passages::SUCCESSOR, number.clone())];
        settings.extend(model.settings());
        let taken = passages::prepare(&dir.join(DIR), dir, changes, &plan.fingerprint, &number).and_then(|()| {
            store.take_over(&dir.join(DIR).join(Store::FILE), &settings, &mut |commit| {
                self.derived.replace_by(|| commit().and_then(|()| passages::promote(dir)))
            })
        });
        if !matches!(taken, Ok(true)) {
            let now = store.snapshot()?;
            let model = Model::read(&now)?.map(|model| model.identity.fingerprint);
            let taken_over = now.get(passages::SUCCESSOR)?;
            passages::settle(dir, now.last_sequence()?, model.as_deref(), taken_over.as_deref());
            passages::remove_unlisted(dir);
        }
        let taken = taken?;
        // Loaded now, so that the first question does not wait.
        self.load_derived()?;
        Ok(taken)
    }
}
