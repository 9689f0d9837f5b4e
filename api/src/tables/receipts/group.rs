//! The receipts of one group alone.

use badgecast_domain::{id::GroupId, receipt::State, time::Moment};
use sea_orm::ConnectionTrait;

use super::{Announcement, Error, Sql, stated, targeted};
use crate::tables::sql::Columns as _;

/// Goes on with a condition on `badge_id`: only members of this group.
pub(super) fn within(query: Sql, group: GroupId) -> Sql {
    query.then("AND badge_id IN (SELECT g.badge_id FROM group_badges g WHERE g.group_id = ?)").bind(group)
}

/// How many targeted members of a group are in which state at `now`; a state may come more than once.
///
/// # Errors
/// Those of the database.
pub async fn of_group(
    db: &impl ConnectionTrait,
    announcement: &Announcement,
    group: GroupId,
    now: Moment,
) -> Result<Vec<(State, u64)>, Error> {
    let all = targeted(announcement, now)
        .then("SELECT said, floor, count(*) AS badges FROM targeted WHERE floor IS NOT NULL");
    let counted = within(all, group).then("GROUP BY said, floor").all(db).await?;
    counted.iter().map(|row| Ok((stated(row)?, row.count("badges")?))).collect()
}
